"""From cells to cellrun's list, and the encoding of its lines."""

from __future__ import annotations

import pytest

from matrix import wire
from matrix.cells import Cell, parse_filter, spread
from matrix.compile import barred_on_host, cell_list, command_line, directives, needs_root, policy_text, probe_specs
from matrix.targets import Unknown, choose, on_guests, on_host
from matrix_world import SMALL, scenario


def cells(text: str, row: str = "2", **axes: str) -> list[Cell]:
    found = spread(scenario(text), on_guests(choose([row])))
    return [cell for cell in found if all(cell.axes[name] == value for name, value in axes.items())]


@pytest.mark.parametrize("text", ["plain", "", "a b", "100%", "line\nline", "\x7f\t", "grüß", "%00"])
def test_fields_survive_the_encoding(text: str) -> None:
    encoded = wire.encode(text)
    assert all(0x20 < ord(c) < 0x7F for c in encoded)
    assert wire.decode(encoded) == text or text == "%00"


def test_the_encoding_is_the_contract() -> None:
    assert (wire.encode(""), wire.encode("a b%"), wire.encode("é")) == ("%00", "a%20b%25", "%C3%A9")
    assert wire.settings(["exit=0", "timeout", "ms=12"]) == {"exit": "0", "timeout": "", "ms": "12"}


def test_one_cell_in_full() -> None:
    text = SMALL + "tree:\n  - {file: a/b/f, content: 'x y'}\n  - {symlink: l, target: a}\nargs: [--timeout, '2']\n"
    assert directives(cells(text, "3", mode="block")[0]) == [
        "cell small/mode=block,landlock=omitted,user=root/3 20000",
        "dir 755 work",
        "dir 755 a",
        "dir 755 a/b",
        "file 644 a/b/f x%20y",
        "symlink l a",
        "file 644 policy.yaml version:%201%0A",
        "send report.json",
        "run /usr/local/bin/abi-ceiling 3 /usr/local/bin/holdfast run --policy /mnt/cell/policy.yaml --mode block "
        "--workdir /mnt/cell/work --report /mnt/cell/report.json --timeout 2 -- /usr/local/bin/hf-probe "
        "hosts%20read%20/etc/hosts",
        "end",
    ]


def test_a_native_row_has_no_ceiling() -> None:
    assert command_line(cells(SMALL)[0])[0] == "/usr/local/bin/holdfast"


def test_a_launcher_starts_holdfast_below_the_ceiling() -> None:
    found = command_line(cells(SMALL + 'launcher: [env, "W=${CELL}", "${HOLDFAST}"]\n', "3")[0])
    assert found[:6] == ["/usr/local/bin/abi-ceiling", "3", "env", "W=/mnt/cell", "/usr/local/bin/holdfast", "run"]


def test_a_policy_becomes_a_message_by_the_runtime_that_reads_it() -> None:
    found = cells(SMALL.replace("axes:\n", "axes:\n  source: [yaml, pb]\n"), mode="block")
    assert [cell.id for cell in found] == [f"small/mode=block,landlock=omitted,user=root,source={source}/2"
                                           for source in ("yaml", "pb")]
    yaml, message = map(command_line, found)
    assert yaml == command_line(cells(SMALL, mode="block")[0])
    assert message[:2] == ["sh", "-c"] and message[3:7] == ["/usr/local/bin/holdfast", "run", "--policy-pb",
                                                            "/mnt/cell/policy.pb"]
    assert message[7:] == yaml[4:]


def test_what_is_read_only_is_made_before() -> None:
    lines = directives(cells(SMALL + "tree:\n  - {file: work/d/f}\n  - {readonly: work/d}\n")[0])
    assert lines[2:5] == ["dir 755 work/d", "file 644 work/d/f %00", "readonly work/d"]


def test_an_ordinary_user_owns_the_cell() -> None:
    text = SMALL.replace("axes:\n", "axes:\n  user: [ordinary]\n")
    text += "tree:\n  - {file: f}\n  - {file: g, owner: '0:5'}\n"
    lines = directives(cells(text)[0])
    assert lines[1] == "user 1000 1000"
    assert {"own 1000 1000 /mnt/cell", "own 1000 1000 work", "own 1000 1000 f", "own 0 5 g"} <= set(lines)


@pytest.mark.parametrize(("change", "why"), [
    (("x: x", "x: x"), ""),
    (("axes:\n", "axes:\n  user: [ordinary]\n"), "user=ordinary"),
    (("probes:\n", "tree:\n  - {file: g, owner: '0:5'}\nprobes:\n"), "an owner"),
    (("  version: 1\n", "  version: 1\n  process: {run_as_group: daemon}\n"), "as another user"),
])
def test_what_an_ordinary_user_cannot_run_is_told(change: tuple[str, str], why: str) -> None:
    told = needs_root(cells(SMALL.replace(*change))[0])
    assert told.startswith("only root can ") and why in told if why else not told


def test_what_only_a_guest_has_is_left_to_it() -> None:
    for root in (True, False):
        assert "lane: vm" in barred_on_host(cells(SMALL + "lane: vm\n")[0], root)
        assert barred_on_host(cells(SMALL)[0], root) == ""
    assert barred_on_host(cells(SMALL.replace("axes:\n", "axes:\n  user: [ordinary]\n"))[0], False)


@pytest.mark.parametrize(("level", "section"), [("omitted", ""), ("empty", "landlock: {}\n"), (
    "hard_requirement", "landlock:\n  compatibility: hard_requirement\n")])
def test_the_landlock_section_is_appended(level: str, section: str) -> None:
    cell = cells(SMALL.replace("[omitted]", f"[{level}]"))[0]
    assert policy_text(cell) == "version: 1\n" + section


def test_axes_of_ones_own_are_put_in_everywhere() -> None:
    text = SMALL.replace("axes:\n", "axes:\n  list: {empty: '[]', one: '[/usr]'}\n").replace(
        "  version: 1\n", "  version: 1\n  filesystem_policy: {read_only: ${list}}\n")
    found = {cell.axes["list"]: policy_text(cell) for cell in cells(text)}
    assert found["one"] == "version: 1\nfilesystem_policy: {read_only: [/usr]}\n"


def test_probes_as_text_and_as_list() -> None:
    text = SMALL.replace("read /etc/hosts", "[read, '${CELL}/a b']")
    assert probe_specs(cells(text)[0]) == ["hosts read /mnt/cell/a%20b"]


def test_the_mode_that_the_policy_gives() -> None:
    text = SMALL.replace("axes:\n", "axes:\n  mode: [policy]\n")
    assert "--mode" not in command_line(cells(text)[0])


def test_a_list_has_all_cells() -> None:
    found = cells(SMALL)
    assert cell_list(found).count("\nend\n") == len(found) == 2


def test_filters() -> None:
    found = cells(SMALL)
    chosen = parse_filter("mode=proxy", [found[0].scenario])
    assert [cell.axes["mode"] for cell in found if cell in chosen] == ["proxy"]
    assert [cell for cell in found if cell in parse_filter(found[0].id, [])] == [found[0]]
    for wrong in ("mod=proxy", "mode=prox", "mode"):
        with pytest.raises(Unknown):
            parse_filter(wrong, [found[0].scenario])


def test_rows_of_the_host_lane() -> None:
    fit, unfit = on_host(choose(()), "6")
    assert [(one.name, one.ceiling) for one in fit][-2:] == [("5", "5"), ("6", None)]
    assert [one.name for one in unfit] == ["7", "8", "9", "10", "11"]
    assert [one.name for one in on_host(choose(()), "off")[0]] == ["off"]
    with pytest.raises(Unknown):
        choose(["12"])
