"""The hub: a repository's files at one commit, or one line that says why they cannot be had and how to get them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from huggingface_hub import HfApi, constants, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from bench.errors import BenchError
from bench.io.files import cache_root, write_atomically, write_text

Kind = Literal["model", "dataset"]
COMMIT = "[0-9a-f]{40}"
PAGES: dict[Kind, str] = {"model": "", "dataset": "datasets/"}
OFFLINE = (
    "not in the hub's cache, and HF_HUB_OFFLINE is set; unset it, or download it where there is a network",
    "the hub cannot be reached; set HF_HUB_OFFLINE=1 to take what is cached, name the commit as revision, or name a "
    "local folder",
)


@dataclass(frozen=True)
class Snapshot:
    """Files of a repository in the hub's cache, as they were at a `commit` (40 hex digits)."""

    folder: Path
    commit: str


def is_commit(revision: str | None) -> bool:
    """Whether a revision is a commit: a name may come to mean something else, a commit cannot."""
    return re.fullmatch(COMMIT, revision or "") is not None


def commit_of(folder: Path) -> str | None:
    """The commit that a folder in the hub's cache holds; None for any other folder."""
    return folder.name if folder.parent.name == "snapshots" and is_commit(folder.name) else None


def page_of(kind: Kind, repo: str) -> str:
    """The address at which people look at a repository."""
    return f"{constants.ENDPOINT}/{PAGES[kind]}{repo}"


def find_snapshot(kind: Kind, repo: str, revision: str | None, patterns: Sequence[str]) -> Snapshot:
    """Downloads what is not in the hub's cache yet, of the files that match one of the `patterns`.

    A name is resolved by the hub, or where HF_HUB_OFFLINE is set by its cache; what is cached of a commit is as good as
    the hub's. Raises BenchError: what could not be had, and how to get it.
    """
    commit = None if constants.HF_HUB_OFFLINE else resolve(kind, repo, revision)
    with _asking(kind, repo, revision):  # by its name, so that the cache knows what it meant
        folder = Path(snapshot_download(repo, repo_type=kind, revision=revision, allow_patterns=list(patterns)))
    if commit is not None and folder.name != commit:
        raise BenchError(
            f"{kind} {repo}: the hub stopped answering; run again, or name the commit {commit} as revision"
        )
    return Snapshot(folder, folder.name)


def resolve(kind: Kind, repo: str, revision: str | None) -> str:
    """The commit that a name means on the hub now. Raises BenchError."""
    if is_commit(revision):
        return str(revision)
    with _asking(kind, repo, revision):
        return str(HfApi().repo_info(repo, repo_type=kind, revision=revision).sha)


def list_files(kind: Kind, repo: str, commit: str) -> list[str] | None:
    """All files of a repository at a commit, in order: from the hub once, and kept. None where that cannot be known.

    A cache that holds some of them does not say that it holds them all.
    """
    kept = cache_root() / "hub" / "files" / f"{kind}-{repo.replace('/', '--')}-{commit}.json"
    if not kept.is_file():
        if constants.HF_HUB_OFFLINE:
            return None
        with _asking(kind, repo, commit):
            names = sorted(HfApi().list_repo_files(repo, repo_type=kind, revision=commit))
        write_atomically(kept, partial(write_text, json.dumps(names)))
    return [str(name) for name in json.loads(kept.read_text(encoding="utf-8"))]


@contextmanager
def _asking(kind: Kind, repo: str, revision: str | None) -> Iterator[None]:
    """Makes one line of whatever the hub, its library or the network say."""
    what = f"{kind} {repo}" + (f" at {revision}" if revision else "")
    page = page_of(kind, repo)
    try:
        yield
    except HFValidationError:
        raise BenchError(f"{repo} is no hub id; mend it") from None
    except GatedRepoError:
        raise BenchError(f"{what} is gated: accept its terms at {page}, then log in by `hf auth login`") from None
    except RevisionNotFoundError:
        raise BenchError(f"{what} does not exist, though the repository does; mend revision") from None
    except RepositoryNotFoundError:
        raise BenchError(
            f"{what} is not on the hub, has moved, or is private: look at {page}; if it is private, log in by "
            "`hf auth login`"
        ) from None
    except Exception as error:  # noqa: BLE001 -- of the library, whose versions raise different ones, and the network
        raise BenchError(f"{what}: {reason_of(error)}") from None


def reason_of(error: Exception, may: str = "read") -> str:
    """The reason why nothing came or went, and what to do; `may`: what an account must be allowed to."""
    response = getattr(error, "response", None) or getattr(error.__cause__, "response", None)
    status = getattr(response, "status_code", None)
    if status in (401, 403):
        return f"the hub refuses it ({status}); log in by `hf auth login` with an account that may {may} it"
    if status is not None or isinstance(error, HfHubHTTPError):
        return f"the hub answers {status}; try again later, or name a local folder"
    if isinstance(error, LocalEntryNotFoundError) or not isinstance(error, OSError):
        return OFFLINE[0] if constants.HF_HUB_OFFLINE else f"{OFFLINE[1]} ({_line(error)})"
    return (
        f"{_line(error)}; try again later, or name a local folder" if error.errno else f"{OFFLINE[1]} ({_line(error)})"
    )


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).strip().splitlines() or ['no more is said'])[0]}"[:200]
