"""Is a hostile or careless file refused at once, with its line and what to do?"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from service.policy.faults import PolicyFaults
from service.policy.language.nodes import Mapping, Text, parse
from service.policy.sources import Sources
from tests.policy import texts

BOMB = "a: &a [x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join('*' + chr(97 + n) for _ in range(9))}]\n" for n in range(8)
)


def test_bare_words_stay_words() -> None:
    document = parse("a:\n  on: off\n  no: 010\n", file="x.yaml")
    inner = document.entries["a"]
    assert isinstance(inner, Mapping)
    assert {key: node.value for key, node in inner.entries.items() if isinstance(node, Text)} == {
        "on": "off",
        "no": "010",
    }


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (BOMB, 1, "Anchors and aliases"),
        ("a: 1\nb:\n  c: 1\n  c: 2\n", 4, "'c' is here twice (first on line 3)"),
        ("a: !!python/object:os.system x\n", 1, "Tags"),
        ("a: 1\n---\nb: 2\n", 2, "A second document"),
        ("a: " + "[" * 5_000_000, 1, "longer than"),
        ("a: " + "[" * 5_000, 1, "Too many brackets"),
        ("a:\n" * 2_500_000, 1, "longer than"),
        ("a: b\u00a0c\u200bd\n", 1, "invisible character (U+200B)"),
        ("\ufeffa: 1\n", 1, "invisible character (U+FEFF)"),
        ("a: &x 1\nb: *x\n", 1, "Anchors and aliases"),
        ("a: !t {b: 1}\n", 1, "Tags"),
        ("\n".join("  " * depth + "a:" for depth in range(40)), 12, "nested too deeply"),
        ("a: b\u202ec\n", 1, "invisible character (U+202E)"),
        ("a: 1\nb: \x07\n", 2, "invisible character (U+0007)"),
        ("a: [1, 2\n", 2, "not valid YAML"),
        ("- a\n- b\n", 1, "starts with keys"),
        ("", 1, "empty"),
        ("<<: {a: 1}\n", 1, "plain word"),
    ],
)
def test_a_hostile_file_is_refused_in_under_a_second(text: str, line: int, words: str) -> None:
    start = time.monotonic()
    with pytest.raises(PolicyFaults) as caught:
        parse(text, file="x.yaml")
    assert time.monotonic() - start < 1
    fault = caught.value.faults[0]
    assert (fault.file, fault.line) == ("x.yaml", line)
    assert words in fault.what
    assert fault.remedy


def test_a_link_and_a_name_outside_the_folder_are_refused(tmp_path: Path) -> None:
    real = tmp_path / "real.yaml"
    real.write_text(texts.text())
    link = tmp_path / "link.yaml"
    link.symlink_to(real)
    with pytest.raises(PolicyFaults, match="link to another file"):
        Sources.from_path(link)
    escaping = tmp_path / "escaping.yaml"
    escaping.write_text(texts.text(more="uses: [../secret]\n"))
    with pytest.raises(PolicyFaults, match="not the name of a policy file"):
        Sources.from_path(escaping)


def test_a_file_of_ten_megabytes_and_a_linked_base_are_refused_at_once(tmp_path: Path) -> None:
    huge = tmp_path / "huge.yaml"
    huge.write_text("a: [" * 2_500_000)
    start = time.monotonic()
    with pytest.raises(PolicyFaults, match="far too long"):
        Sources.from_path(huge)
    assert time.monotonic() - start < 1
    folder = tmp_path / "policies"
    (folder / "region").mkdir(parents=True)
    (tmp_path / "secret.yaml").write_text(texts.text())
    (folder / "region" / "base.yaml").symlink_to(tmp_path / "secret.yaml")
    (folder / "mine.yaml").write_text('policy: {extends: region/base@1.0, version: "1.0"}\n')
    with pytest.raises(PolicyFaults, match=r"no file|link to another file"):
        Sources.from_path(folder / "mine.yaml")


def test_sources_travel_as_json_and_keep_their_hash() -> None:
    found = texts.sources(texts.text(), region__base="policy: {}\n")
    assert Sources.from_json(found.to_json()) == found
    assert Sources.from_json(found.to_json()).hash == found.hash
    assert found.with_main("policy: {}\n").hash != found.hash
