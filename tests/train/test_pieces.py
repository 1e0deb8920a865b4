"""Files are split and joined, and a run that is killed at any moment leaves a set that joins."""

from pathlib import Path

import pytest

from yozora.errors import UserError
from yozora.train.pieces import join_file, join_files, split_file, split_files

OLD, NEW = bytes(range(256)) * 10_000, bytes(reversed(range(256))) * 14_000  # three parts of a MiB, and four


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_files_are_split_and_joined(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "big.bin").write_bytes(OLD)
    (tmp_path / "small.txt").write_text("small")
    split_files(tmp_path, 1)
    assert names(tmp_path) == ["big.bin.part00", "big.bin.part01", "big.bin.part02", "big.bin.parts", "small.txt"]
    join_files(tmp_path)
    assert (tmp_path / "deep" / "big.bin").read_bytes() == OLD
    assert names(tmp_path) == ["big.bin", "small.txt"]


def test_parts_of_parts_are_not_made(tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(OLD)
    split_files(tmp_path, 2)
    split_files(tmp_path, 1)
    assert names(tmp_path) == ["big.bin.part00", "big.bin.part01", "big.bin.parts"]


def test_more_than_a_hundred_parts_keep_their_order(tmp_path: Path) -> None:
    for k in range(102):
        (tmp_path / f"big.bin.part{k:02d}").write_bytes(bytes([k]))
    join_file(tmp_path / "big.bin")
    assert (tmp_path / "big.bin").read_bytes() == bytes(range(102))


def test_a_new_set_leaves_nothing_of_a_larger_old_one(tmp_path: Path) -> None:
    path = tmp_path / "big.bin"
    for data, parts in ((NEW, 4), (OLD, 3), (b"small", 0)):
        path.write_bytes(data)
        split_file(path, 1)
        assert path.read_bytes() == data
        assert len(names(tmp_path)) == 1 + (parts + 1 if parts else 0)


@pytest.mark.parametrize("data", [(OLD, NEW), (NEW, OLD)])
def test_a_kill_at_any_moment_leaves_a_set_that_joins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: tuple[bytes, bytes]
) -> None:
    """Every call that writes, renames or removes a file is the last one once."""
    for moment in range(100):
        path = tmp_path / str(moment) / "big.bin"
        path.parent.mkdir()
        path.write_bytes(data[0])
        split_file(path, 1)
        path.write_bytes(data[1])
        done = 0

        with monkeypatch.context() as patch:
            for name in ("write_bytes", "write_text", "replace", "unlink"):
                change = getattr(Path, name)

                def fails(*arguments, change=change, moment=moment, **options):  # type: ignore[no-untyped-def]
                    nonlocal done
                    done += 1
                    if done > moment:
                        raise KeyboardInterrupt
                    return change(*arguments, **options)

                patch.setattr(Path, name, fails)
            try:
                split_file(path, 1)
                killed = False
            except KeyboardInterrupt:
                killed = True
        join_files(path.parent)
        assert path.read_bytes() in data
        assert names(path.parent) == ["big.bin"]
        if not killed:
            assert path.read_bytes() == data[1]
            return
    raise AssertionError("it never ended")


def test_parts_of_two_sets_are_told_apart(tmp_path: Path) -> None:
    for name, data in (("old", OLD), ("new", NEW)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "big.bin").write_bytes(data)
        split_files(tmp_path / name, 1)
    (tmp_path / "new" / "big.bin.part01").write_bytes((tmp_path / "old" / "big.bin.part01").read_bytes())
    (tmp_path / "old" / "big.bin.part01").unlink()
    for name in ("old", "new"):
        with pytest.raises(UserError, match="do not belong together"):
            join_files(tmp_path / name)
        assert "big.bin" not in names(tmp_path / name)


def test_parts_without_an_index_are_joined_where_none_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "big.bin"
    path.with_name("big.bin.part00").write_bytes(b"a")
    path.with_name("big.bin.part01").write_bytes(b"b")
    join_file(path)
    assert path.read_bytes() == b"ab"
    path.with_name("big.bin.part00").write_bytes(b"a")
    path.with_name("big.bin.part02").write_bytes(b"c")
    with pytest.raises(UserError, match="do not belong together"):
        join_file(path)
