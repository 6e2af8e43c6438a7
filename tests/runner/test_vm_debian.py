"""The distribution's packages: order of versions, the index, the mirrors, what apt's complaints mean."""

import subprocess

import pytest
from vm.debian import compare_versions, explain, read_index, read_mirrors
from vm.kernels import choose, name_pattern

ORDERED = [
    "6.1.9-1", "6.1.170-3", "6.1.192-1~deb11u1", "6.1.192-1", "6.1.192-2", "6.12.117-1~deb12u1", "6.12.117-1",
    "7.0.13-1~bpo13+1", "7.0.13-1", "7.0.13+1-1", "1:0.1-1",
]  # fmt: skip


def test_versions_are_ordered_as_dpkg_orders_them() -> None:
    for one in ORDERED:
        for other in ORDERED:
            got = compare_versions(one, other)
            assert (got > 0) - (got < 0) == (ORDERED.index(one) > ORDERED.index(other)) - (
                ORDERED.index(one) < ORDERED.index(other)
            ), (one, other)


@pytest.mark.parametrize("pair", list(zip(ORDERED, ORDERED[1:])))
def test_dpkg_agrees(pair: tuple[str, str]) -> None:
    assert subprocess.run(["dpkg", "--compare-versions", pair[0], "lt", pair[1]], check=False).returncode == 0


def stanza(name: str, version: str, sha256: str = "0" * 64) -> str:
    return (
        f"Package: {name}\nSource: linux\nVersion: {version}\nInstalled-Size: 1\nDescription: x\n y\n"
        f"Filename: pool/{name}.deb\nSize: 12\nSHA256: {sha256}\n\n"
    )


INDEX = "".join(
    [
        stanza("linux-doc-6.12", "6.12.117-1"),
        stanza("linux-image-6.12.117+deb12-amd64", "6.12.117-1~deb12u1"),
        stanza("linux-image-6.12.100+deb12-cloud-amd64", "6.12.100-1~deb12u1", "1" * 64),
        stanza("linux-image-6.12.117+deb12-cloud-amd64", "6.12.117-1~deb12u1", "2" * 64),
        stanza("linux-image-6.12.117+deb12-cloud-amd64-unsigned", "6.12.117-1~deb12u1"),
        stanza("linux-image-6.12.117+deb12-cloud-amd64-dbg", "6.12.117-1~deb12u1"),
        stanza("linux-image-6.12.117+deb12-rt-amd64", "6.12.117-1~deb12u1"),
        stanza("linux-image-6.12-cloud-amd64", "6.12.117-1~deb12u1"),
        stanza("linux-image-6.1.0-56-cloud-amd64", "6.1.192-2"),
        stanza("linux-image-7.0.13+deb13-cloud-amd64", "7.0.13-1~bpo13+1"),
        stanza("linux-binary-7.0.13+deb13-cloud-amd64", "7.0.13-1~bpo13+1"),
        stanza("linux-binary-7.0.4+deb13-cloud-amd64", "7.0.4-1~bpo13+1"),
        stanza("linux-image-7.4.1+deb13-amd64", "7.4.1-1~bpo13+1"),
    ]
)


@pytest.mark.parametrize(
    ("series", "name"),
    [
        ("6.12", "linux-image-6.12.117+deb12-cloud-amd64"),
        ("6.1", "linux-image-6.1.0-56-cloud-amd64"),
        ("7.0", "linux-binary-7.0.13+deb13-cloud-amd64"),
        ("7.4", "linux-image-7.4.1+deb13-amd64"),
        ("7.9", None),
    ],
)
def test_the_newest_cloud_package_of_a_series_is_chosen(series: str, name: str | None) -> None:
    chosen = choose(series, list(read_index(INDEX, "suite", name_pattern(series))))
    assert (chosen.name if chosen else None) == name


def test_a_package_is_read_with_its_digest() -> None:
    (found,) = (p for p in read_index(INDEX, "s", name_pattern("6.12")) if p.sha256 == "2" * 64)
    assert (found.name, found.version, found.size, found.suite) == (
        "linux-image-6.12.117+deb12-cloud-amd64", "6.12.117-1~deb12u1", 12, "s",
    )  # fmt: skip


def test_mirrors_are_debians_and_not_a_third_partys() -> None:
    lines = [
        "Other|http://third.test/debian/|bookworm-thirdparty",
        "Debian|http://main.test/debian/|bookworm",
        "Debian|http://safe.test/debian-security/|bookworm-security",
        "Debian|http://more.test/debian/|bookworm-updates",
    ]
    assert read_mirrors(lines) == {"main": "http://main.test/debian/", "security": "http://safe.test/debian-security/"}


def test_mirrors_of_a_machine_that_never_fetched_its_lists() -> None:
    lines = ["$(ORIGIN)|http://third.test/node/|nodistro", "$(ORIGIN)|http://main.test/debian/|bookworm"]
    assert read_mirrors(lines) == {"main": "http://main.test/debian/"}


def test_a_missing_key_is_named_with_a_remedy() -> None:
    said = explain("W: GPG error: http://m.test s InRelease: ... not available: NO_PUBKEY 0E98404D386FA1D9")
    assert "lacks 0E98404D386FA1D9" in said and "debian-archive-keyring" in said
