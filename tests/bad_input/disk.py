"""A disk that can be full."""
import contextlib
import ctypes
import os
import subprocess
import sys

SKIPPED = 77  # of ctest


class Disk:
    """A small file system of its own, mounted at a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.filler = folder / "filler"
        self.libc = ctypes.CDLL(None, use_errno=True)

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.libc.mount(b"pier-test", str(self.folder).encode(), b"tmpfs", 0, b"size=16m,mode=755") != 0:
            print(f"cannot mount here: {os.strerror(ctypes.get_errno())}")
            sys.exit(SKIPPED)
        return self

    def __exit__(self, *_):
        MNT_DETACH = 2
        self.libc.umount2(str(self.folder).encode(), MNT_DETACH)

    def fill(self, pages):
        """Leaves so many pages."""
        with open(self.filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        os.truncate(self.filler, self.filler.stat().st_size // 4096 * 4096 - pages * 4096)

    def free(self):
        self.filler.unlink(missing_ok=True)


def enter_own_namespace():
    """Who is not root may mount in a namespace of his own, where the kernel allows it."""
    if os.geteuid() == 0 or "PIER_TEST_NAMESPACE" in os.environ:
        return
    trial = ["unshare", "--user", "--map-root-user", "--mount"]
    if subprocess.run([*trial, "true"], capture_output=True).returncode == 0:
        os.execvpe(trial[0], [*trial, sys.executable, *sys.argv], os.environ | {"PIER_TEST_NAMESPACE": "1"})
