"""To the hub: files of a model's repository, or one line that says why they did not get there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from huggingface_hub import HfApi, constants
from huggingface_hub.errors import HFValidationError

from bench.errors import BenchError
from bench.io.hub import page_of, reason_of

README = "README.md"
Merge = Callable[[bytes, bytes], bytes]
"""What becomes of a README that is there and of a new one."""


def require_repo(repo: str) -> None:
    """Raises BenchError where nothing can be published by that name, or not now."""
    if repo.count("/") != 1 or not all(repo.split("/")):
        raise BenchError(f"--push {repo}: must be OWNER/NAME, as on the hub")
    if constants.HF_HUB_OFFLINE:
        raise BenchError(f"--push {repo}: HF_HUB_OFFLINE is set; unset it where there is a network")


def push(folder: Path, repo: str, message: str, merge: Merge) -> str:
    """Uploads a folder as one commit, and makes the repository if there is none; returns its page.

    A README.md that is there already is merged with the folder's. Raises BenchError in one line.
    """
    require_repo(repo)
    with _publishing(repo):
        api = HfApi()
        api.create_repo(repo, repo_type="model", exist_ok=True)
        with TemporaryDirectory() as scratch:
            if api.file_exists(repo, README):
                there = Path(api.hf_hub_download(repo, README, local_dir=scratch)).read_bytes()
                (folder / README).write_bytes(merge(there, (folder / README).read_bytes()))
        api.upload_folder(repo_id=repo, folder_path=folder, repo_type="model", commit_message=message)
    return page_of("model", repo)


@contextmanager
def _publishing(repo: str) -> Iterator[None]:
    """Makes one line of whatever the hub, its library or the network say."""
    try:
        yield
    except BenchError as error:
        raise BenchError(f"--push {repo}: {error}") from None
    except HFValidationError:
        raise BenchError(f"--push {repo}: is no hub id; mend it") from None
    except Exception as error:  # noqa: BLE001 -- of the library, whose versions raise different ones, and the network
        raise BenchError(f"--push {repo}: {reason_of(error, 'write')}") from None
