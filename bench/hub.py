"""The hub: a repository's files at one commit, or one line that says why they cannot be had and how to get them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from huggingface_hub import constants, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from bench.errors import BenchError

Kind = Literal["model", "dataset"]
COMMIT = "[0-9a-f]{40}"
PAGES: dict[Kind, str] = {"model": "", "dataset": "datasets/"}


@dataclass(frozen=True)
class Snapshot:
    """Files of a repository in the hub's cache, as they were at a `commit` (40 hex digits)."""

    folder: Path
    commit: str


def is_commit(revision: str | None) -> bool:
    """A name may come to mean something else; a commit cannot."""
    return re.fullmatch(COMMIT, revision or "") is not None


def commit_of(folder: Path) -> str | None:
    """Of a folder in the hub's cache; None for any other."""
    return folder.name if folder.parent.name == "snapshots" and is_commit(folder.name) else None


def page_of(kind: Kind, repo: str) -> str:
    """Where people look at it."""
    return f"{constants.ENDPOINT}/{PAGES[kind]}{repo}"


def find_snapshot(kind: Kind, repo: str, revision: str | None, patterns: Sequence[str]) -> Snapshot:
    """Downloads what is not in the hub's cache yet, of the files that match one of the `patterns`.

    A cached copy of that revision is as good as the hub's where the hub cannot be reached, or will not have us. Raises
    BenchError: what could not be had, and how to get it.
    """
    what = f"{kind} {repo}" + (f" at {revision}" if revision else "")
    page = page_of(kind, repo)
    try:
        found = snapshot_download(repo, repo_type=kind, revision=revision, allow_patterns=list(patterns))
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
    except LocalEntryNotFoundError as error:
        raise BenchError(f"{what}: {_unreachable(error)}") from None
    except OSError as error:  # the hub's other answers, and a cache that cannot be written
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BenchError(f"{what}: the hub says: {reason}; try again later, or name a local folder") from None
    return Snapshot(Path(found), Path(found).name)


def _unreachable(error: LocalEntryNotFoundError) -> str:
    """Why nothing came, where nothing is cached either."""
    if constants.HF_HUB_OFFLINE:
        return "not in the hub's cache, and HF_HUB_OFFLINE is set; unset it, or download it where there is a network"
    cause = error.__cause__
    if isinstance(cause, HfHubHTTPError) and cause.response is not None:
        status = cause.response.status_code
        if status in (401, 403):
            return f"the hub refuses it ({status}); log in by `hf auth login` with an account that may read it"
        return f"the hub answers {status}; try again later"
    return "the hub cannot be reached; name a local folder, or download it where there is a network"
