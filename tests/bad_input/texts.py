"""Bundles whose text is the problem: too large, too deep, no text at all."""
import pathlib
import resource
import shutil
import subprocess
import tempfile

from cases import case


class Text:
    """A bundle of one text that `pier validate` reads with bounded time and memory."""
    SECONDS = 120  # for binaries that are not optimised, on a busy machine
    BYTES = 4 << 30

    def __init__(self, pier):
        self.pier = pier

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bad-text."))
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def validate(self, content=None, *, exit_code, says):
        if content is not None:
            (self.folder / "databricks.yml").write_bytes(content)

        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (self.BYTES, self.BYTES))
            resource.setrlimit(resource.RLIMIT_CPU, (self.SECONDS, self.SECONDS))

        env = {"HOME": str(self.folder / "home"), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        done = subprocess.run([self.pier, "validate"], cwd=self.folder, env=env, preexec_fn=limit, capture_output=True)
        text = (done.stdout + done.stderr).decode("utf-8", "replace")
        assert done.returncode == exit_code, (done.returncode, text[:2000])
        for part in says:
            assert part in text, f"{part!r} is not in:\n{text[:2000]}"


@case("64 MiB of YAML")
def large_yaml(pier):
    with Text(pier) as text:
        text.validate(b"bundle: {name: t}\n" + b"# a comment line\n" * (65 << 16), exit_code=1,
                      says=["error[PIER1003]", "larger than", "help:"])
        text.validate(b"bundle: {name: t}\n" + b"# a comment line\n" * (1 << 20), exit_code=0, says=["no problems"])
        text.validate(b"bundle: {name: t}\nx:\n" + b"- a\n" * (15 << 20), exit_code=1,
                      says=["error[PIER1008]", "values", "help:"])


@case("10,000 levels of YAML")
def deep_yaml(pier):
    with Text(pier) as text:
        for opening in (b"[", b"{a: ", b"- ", b"a:\n "):
            text.validate(b"bundle: {name: t}\nx: " + opening * 10_000, exit_code=1, says=["error[PIER10", "help:"])
        nested = b"".join(b" " * level + b"a:\n" for level in range(10_000))
        text.validate(nested, exit_code=1, says=["error[PIER1008]", "too deeply"])


@case("alias bombs")
def alias_bombs(pier):
    with Text(pier) as text:
        bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
            f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12))
        text.validate(b"bundle: {name: t}\n" + bomb.encode(), exit_code=1, says=["error[PIER1008]", "aliases"])
        merges = "m0: &m0 {k: v}\n" + "".join(
            f"m{i}: &m{i} {{k{i}a: *m{i - 1}, k{i}b: *m{i - 1}}}\n" for i in range(1, 60))
        text.validate(b"bundle: {name: t}\n" + merges.encode(), exit_code=1, says=["error[PIER1008]"])
        references = "variables:\n  v0: {default: x}\n" + "".join(
            f"  v{i}: {{default: '${{var.v{i - 1}}}${{var.v{i - 1}}}'}}\n" for i in range(1, 60))
        text.validate(b"bundle: {name: t}\n" + references.encode(), exit_code=1, says=["error[PIER1044]", "by its references"])


@case("includes through links that lead back")
def include_cycles(pier):
    with Text(pier) as text:
        (text.folder / "conf").mkdir()
        (text.folder / "conf" / "back").symlink_to("..")
        (text.folder / "self.yml").symlink_to("self.yml")
        (text.folder / "conf" / "a.yml").write_text("variables: {a: {default: 1}}\n")
        text.validate(b"bundle: {name: t}\ninclude: ['conf/*.yml', 'conf/*/conf/*.yml']\n", exit_code=0,
                      says=["no problems"])
        text.validate(b"bundle: {name: t}\ninclude: [self.yml]\n", exit_code=1, says=["error[PIER10", "self.yml"])


@case("bytes that are no text")
def no_text(pier):
    with Text(pier) as text:
        for content, why in ((b"bundle:\n  name: caf\xe9\n", "not valid UTF-8"), (b"bundle: {name: a\0b}\n", "NUL byte"),
                             ("bundle: {name: t}\n".encode("utf-16"), "NUL byte"), (bytes(range(256)), "NUL byte"),
                             (b"\xff\xfe\xfd\n", "not valid UTF-8")):
            text.validate(content, exit_code=1, says=["error[PIER1003]", why, "help:"])


@case("other line ends and a byte order mark")
def line_ends(pier):
    with Text(pier) as text:
        good = "bundle:\n  name: t\nvariables:\n  x:\n    default: |\n      a\n      b\n"
        text.validate(good.replace("\n", "\r\n").encode(), exit_code=0, says=["bundle t,", "no problems"])
        text.validate(b"\xef\xbb\xbf" + good.encode(), exit_code=0, says=["bundle t,", "no problems"])
        text.validate(b"\xef\xbb\xbf" + good.replace("\n", "\r\n").encode() + b"colour: red\r\n", exit_code=0,
                      says=["colour", "databricks.yml:8:1"])


@case("100,000 resources")
def many_resources(pier):
    with Text(pier) as text:
        jobs = "".join(f"    j{i}: {{name: j{i}, tags: {{a: '${{bundle.name}}'}}}}\n" for i in range(100_000))
        text.validate(b"bundle: {name: t}\nresources:\n  jobs:\n" + jobs.encode(), exit_code=0,
                      says=["100000 jobs", "no problems"])
