"""Where the content is found, and the ready-made copy that must never be trusted more than the files."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path

import pytest

import nelm
from nelm.knowledge import store
from nelm.knowledge.base import Knowledge
from nelm.knowledge.findings import ContentError
from tests.knowledge.world import BOAT, copy_of_harbour, replace_in


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for caches, of which NELM uses `nelm`."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "nelm"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return copy_of_harbour(tmp_path)


def copies(cache: Path) -> list[Path]:
    return sorted(cache.iterdir()) if cache.is_dir() else []


# -- where the content is -------------------------------------------------------------------------------


def test_a_chosen_folder(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NELM_CONTENT", str(content))
    assert store.content_root() == content
    monkeypatch.setenv("NELM_CONTENT", str(content / "nowhere"))
    with pytest.raises(FileNotFoundError, match="nowhere"):
        store.content_root()


def test_the_folder_of_the_package_goes_before_the_one_of_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NELM_CONTENT", raising=False)
    package = tmp_path / "src" / "nelm"
    package.mkdir(parents=True)
    monkeypatch.setattr(nelm, "__file__", str(package / "__init__.py"))
    with pytest.raises(FileNotFoundError, match="No content folder was found"):
        store.content_root()
    checkout = copy_of_harbour(tmp_path)
    assert store.content_root() == checkout
    shutil.copytree(checkout, package / "content")
    assert store.content_root() == package / "content"


# -- the copy -------------------------------------------------------------------------------------------


def test_the_copy_is_made_once_and_then_used(content: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = store.knowledge(content)
    assert len(copies(cache)) == 1

    def never(root: Path) -> Knowledge:
        raise AssertionError(f"{root} was read again")

    monkeypatch.setattr("nelm.knowledge.load.load", never)
    assert store.knowledge(content).elements == first.elements


def test_the_content_that_was_found_is_used_where_none_is_named(content: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NELM_CONTENT", str(content))
    assert "hull" in store.knowledge().elements
    assert len(copies(cache)) == 1


def test_changed_content_is_read_again(content: Path, cache: Path) -> None:
    store.knowledge(content)
    before = copies(cache)
    replace_in(content, BOAT, "label: Boat\n", "label: Ship\n")
    assert store.knowledge(content).entities["boat"].label == "Ship"
    assert len(copies(cache)) == 1, "the copy of the old content is gone"
    assert copies(cache) != before


@pytest.mark.parametrize("damage", [b"", b"not a pickle", pickle.dumps({"another": "thing"}), b"\x80\x05cos\nno_such_name\n."])
def test_a_damaged_copy_is_not_used(content: Path, cache: Path, damage: bytes) -> None:
    store.knowledge(content)
    (copy,) = copies(cache)
    copy.write_bytes(damage)
    assert "hull" in store.knowledge(content).elements


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owner here")
def test_the_copy_of_somebody_else_is_not_used(content: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.knowledge(content)

    def refuse(data: bytes) -> object:
        raise AssertionError("the copy of somebody else was unpacked")

    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    monkeypatch.setattr(pickle, "loads", refuse)
    assert "hull" in store.knowledge(content).elements


def test_a_cache_that_cannot_be_written_is_no_error(content: Path, cache: Path) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_text("a file where the folder should be", encoding="utf-8")
    assert "hull" in store.knowledge(content).elements


def test_the_folder_of_the_user_where_no_other_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert store._cache_folder() == tmp_path / ".cache" / "nelm"


def test_content_with_mistakes_is_not_kept(content: Path, cache: Path) -> None:
    replace_in(content, BOAT, "label: Boat\n", "")
    with pytest.raises(ContentError):
        store.knowledge(content)
    assert copies(cache) == []


def test_what_is_no_content_file_does_not_matter(content: Path, cache: Path) -> None:
    (content / "folder.yaml").mkdir()
    store.knowledge(content)
    assert len(copies(cache)) == 1
