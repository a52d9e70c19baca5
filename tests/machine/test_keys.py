"""Do secrets stay the same, stay private, and give way to the ones that were given?"""

from __future__ import annotations

from pathlib import Path

from cryptography.fernet import Fernet

from service.machine import keys


def test_made_once_and_kept_privately(tmp_path: Path) -> None:
    first = keys.keep_or_make(tmp_path, given={})
    assert keys.keep_or_make(tmp_path, given={}) == first
    assert (tmp_path / keys.FILE).stat().st_mode & 0o777 == 0o600
    assert Fernet(first["ENCRYPTION_KEYS"]).decrypt(Fernet(first["ENCRYPTION_KEYS"]).encrypt(b"x")) == b"x"


def test_two_installations_share_nothing(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one, other = keys.keep_or_make(tmp_path, given={}), keys.keep_or_make(tmp_path / "other", given={})
    assert set(one.values()) & set(other.values()) == set()


def test_what_is_given_wins_and_what_is_kept_stays(tmp_path: Path) -> None:
    kept = keys.keep_or_make(tmp_path, given={})
    assert keys.keep_or_make(tmp_path, given={"SECRET_KEY": "mine"}) == kept | {"SECRET_KEY": "mine"}
    assert keys.keep_or_make(tmp_path, given={}) == kept


def test_a_file_cut_short_keeps_what_it_still_holds(tmp_path: Path) -> None:
    kept = keys.keep_or_make(tmp_path, given={})
    (tmp_path / keys.FILE).write_text(f"ENCRYPTION_KEYS={kept['ENCRYPTION_KEYS']}\n")
    again = keys.keep_or_make(tmp_path, given={})
    assert again["ENCRYPTION_KEYS"] == kept["ENCRYPTION_KEYS"]
    assert again["SECRET_KEY"] != kept["SECRET_KEY"]


def test_replacing_a_file_leaves_no_draft(tmp_path: Path) -> None:
    keys.write_privately(tmp_path / "x", "one")
    keys.write_privately(tmp_path / "x", "two")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_text() == "two"
