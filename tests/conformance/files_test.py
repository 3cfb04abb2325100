"""Workspace files and volumes through the unmodified Databricks SDK for Python."""

import base64
import io
import unittest

import requests
from databricks.sdk import errors
from databricks.sdk.service import catalog, iam, workspace as ws

from workspace import OWNER, LocalWorkspace

local = None
HOME = f"/Users/{OWNER}"
NOTEBOOK = b"# Databricks notebook source\nprint(1)\n"


def setUpModule():
    global local
    local = LocalWorkspace()


def tearDownModule():
    local.stop()


def call(method, path, token=None, **options):
    headers = {"Authorization": "Bearer " + (token or local.token), **options.pop("headers", {})}
    return requests.request(method, local.url + path, headers=headers, **options)


def import_file(path, content, overwrite=False):
    encoded = requests.utils.quote(path, safe="")
    return call("POST", f"/api/2.0/workspace-files/import-file/{encoded}?overwrite={str(overwrite).lower()}", data=content)


class WorkspaceTree(unittest.TestCase):
    def setUp(self):
        self.owner = local.owner()
        self.root = f"{HOME}/{self._testMethodName}"
        self.owner.workspace.mkdirs(self.root)

    def test_both_names_are_one_place(self):
        self.owner.workspace.upload(f"/Workspace{self.root}/x.txt", io.BytesIO(b"1"), format=ws.ImportFormat.AUTO)
        with self.owner.workspace.download(f"{self.root}/x.txt") as stream:
            self.assertEqual(stream.read(), b"1")
        a = self.owner.workspace.get_status(f"/Workspace{self.root}/x.txt")
        b = self.owner.workspace.get_status(f"{self.root}//x.txt")
        self.assertEqual((a.object_id, a.path), (b.object_id, f"{self.root}/x.txt"))
        self.assertEqual(a.size, 1)

    def test_multipart_upload_tells_notebooks_from_files(self):
        upload = self.owner.workspace.upload
        upload(f"{self.root}/nb.py", io.BytesIO(NOTEBOOK), format=ws.ImportFormat.AUTO)
        upload(f"{self.root}/plain.py", io.BytesIO(b"x = 1"), format=ws.ImportFormat.AUTO)
        upload(f"{self.root}/raw.py", io.BytesIO(NOTEBOOK), format=ws.ImportFormat.RAW)
        listed = {o.path.rsplit("/", 1)[1]: o.object_type for o in self.owner.workspace.list(self.root)}
        self.assertEqual(
            listed, {"nb": ws.ObjectType.NOTEBOOK, "plain.py": ws.ObjectType.FILE, "raw.py": ws.ObjectType.FILE}
        )
        self.assertEqual(self.owner.workspace.get_status(f"{self.root}/nb").language, ws.Language.PYTHON)
        with self.assertRaises(errors.ResourceAlreadyExists):
            upload(f"{self.root}/nb.py", io.BytesIO(NOTEBOOK), format=ws.ImportFormat.AUTO)
        upload(f"{self.root}/nb.py", io.BytesIO(NOTEBOOK + b"#"), format=ws.ImportFormat.AUTO, overwrite=True)

    def test_import_and_export_as_json(self):
        content = base64.b64encode(b"SELECT 1").decode()
        self.owner.workspace.import_(
            f"{self.root}/q", content=content, format=ws.ImportFormat.SOURCE, language=ws.Language.SQL
        )
        exported = self.owner.workspace.export(f"{self.root}/q", format=ws.ExportFormat.SOURCE)
        self.assertEqual((base64.b64decode(exported.content), exported.file_type), (b"SELECT 1", "sql"))
        with self.assertRaises(errors.ResourceDoesNotExist):
            self.owner.workspace.import_(f"{self.root}/nix/q", content=content, format=ws.ImportFormat.AUTO)
        with self.assertRaises(errors.BadRequest):
            self.owner.workspace.import_(f"{self.root}/q2", content=content, format=ws.ImportFormat.SOURCE)

    def test_import_file_as_the_bundle_uses_it(self):
        self.assertEqual(import_file(f"{self.root}/state.json", b"{}").status_code, 200)
        before = self.owner.workspace.get_status(f"{self.root}/state.json").object_id
        locked = import_file(f"{self.root}/state.json", b"{}")
        self.assertEqual((locked.status_code, locked.json()["error_code"]), (409, "ALREADY_EXISTS"))
        self.assertEqual(import_file(f"{self.root}/state.json", b"{1}", overwrite=True).status_code, 200)
        self.assertEqual(self.owner.workspace.get_status(f"{self.root}/state.json").object_id, before)
        lost = import_file(f"{self.root}/no/x", b"")
        self.assertEqual(lost.status_code, 404)
        self.assertEqual(lost.json()["message"], f"The parent folder ({self.root}/no) does not exist.")
        raw = call("GET", f"/api/2.0/workspace/export?path={self.root}/state.json&direct_download=true")
        self.assertEqual((raw.status_code, raw.content), (200, b"{1}"))
        self.assertEqual(call("GET", f"/api/2.0/workspace-files{self.root}/state.json").content, b"{1}")

    def test_large_files(self):
        content = bytes(range(256)) * 4096 * 3
        self.assertEqual(import_file(f"{self.root}/wheel.whl", content).status_code, 200)
        with self.owner.workspace.download(f"{self.root}/wheel.whl") as stream:
            self.assertEqual(stream.read(), content)
        refused = call(
            "POST",
            "/api/2.0/workspace/import",
            json={"path": f"{self.root}/big", "format": "RAW", "content": base64.b64encode(content * 4).decode()},
        )
        self.assertEqual((refused.status_code, refused.json()["error_code"]), (400, "MAX_NOTEBOOK_SIZE_EXCEEDED"))

    def test_listing_and_deletion(self):
        self.owner.workspace.mkdirs(f"{self.root}/a/b")
        self.assertEqual(list(self.owner.workspace.list(f"{self.root}/a/b")), [])
        self.assertEqual([o.path for o in self.owner.workspace.list(f"{self.root}/a")], [f"{self.root}/a/b"])
        with self.assertRaises(errors.BadRequest):
            self.owner.workspace.delete(f"{self.root}/a")
        self.owner.workspace.delete(f"{self.root}/a", recursive=True)
        with self.assertRaises(errors.ResourceDoesNotExist):
            self.owner.workspace.get_status(f"{self.root}/a")
        with self.assertRaises(errors.ResourceDoesNotExist):
            list(self.owner.workspace.list(f"{self.root}/a"))
        with self.assertRaises(errors.BadRequest):
            self.owner.workspace.get_status("relative")

    def test_jupyter_becomes_source(self):
        notebook = b'{"cells":[{"cell_type":"code","source":["x = 1"]}],"metadata":{},"nbformat":4,"nbformat_minor":2}'
        self.assertEqual(import_file(f"{self.root}/j.ipynb", notebook).status_code, 200)
        exported = self.owner.workspace.export(f"{self.root}/j", format=ws.ExportFormat.SOURCE)
        self.assertEqual(base64.b64decode(exported.content), b"# Databricks notebook source\nx = 1\n")
        kept = self.owner.workspace.export(f"{self.root}/j", format=ws.ExportFormat.JUPYTER)
        self.assertEqual(base64.b64decode(kept.content), notebook)

    def test_homes_are_private_and_shared_is_shared(self):
        made, client = local.service_principal("colleague")
        import_file(f"{self.root}/x", b"1")
        for attempt in (
            lambda: client.workspace.get_status(f"{self.root}/x"),
            lambda: client.workspace.export(f"{self.root}/x"),
            lambda: list(client.workspace.list(self.root)),
            lambda: client.workspace.delete(self.root, recursive=True),
            lambda: client.workspace.mkdirs(f"{self.root}/mine"),
            lambda: client.workspace.upload(f"{self.root}/x", io.BytesIO(b"2"), format=ws.ImportFormat.AUTO),
        ):
            with self.assertRaises(errors.PermissionDenied):
                attempt()
        client.workspace.upload(f"/Users/{made.application_id}/own", io.BytesIO(b"1"), format=ws.ImportFormat.AUTO)
        client.workspace.upload(f"/Shared/{made.id}", io.BytesIO(b"1"), format=ws.ImportFormat.AUTO)
        folder = str(self.owner.workspace.get_status(self.root).object_id)
        entry = iam.AccessControlRequest(
            service_principal_name=made.application_id, permission_level=iam.PermissionLevel.CAN_READ
        )
        self.owner.permissions.update("directories", folder, access_control_list=[entry])
        self.assertEqual(base64.b64decode(client.workspace.export(f"{self.root}/x").content), b"1")
        with self.assertRaises(errors.PermissionDenied):
            client.workspace.delete(f"{self.root}/x")


class Volumes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.owner = local.owner()
        cls.owner.volumes.create("main", "default", "raw", catalog.VolumeType.MANAGED)
        cls.root = "/Volumes/main/default/raw"

    def test_upload_download_list_delete(self):
        files = self.owner.files
        path = f"{self.root}/in/a b+c%.csv"
        files.upload(path, io.BytesIO(b"1,2\n"))
        with self.assertRaises(errors.AlreadyExists):
            files.upload(path, io.BytesIO(b"3"))
        files.upload(path, io.BytesIO(b"3,4\n5"), overwrite=True)
        answer = files.download(path)
        self.assertEqual(answer.contents.read(), b"3,4\n5")
        self.assertEqual(answer.content_length, 5)
        self.assertEqual(files.get_metadata(path).content_length, 5)
        listed = list(files.list_directory_contents(f"{self.root}/in"))
        self.assertEqual([(e.path, e.is_directory, e.file_size) for e in listed], [(path, False, 5)])
        files.delete(path)
        with self.assertRaises(errors.NotFound):
            files.download(path)
        files.delete_directory(f"{self.root}/in")
        with self.assertRaises(errors.NotFound):
            files.get_directory_metadata(f"{self.root}/in")

    def test_large_content_streams(self):
        content = bytes(range(256)) * 4096 * 60  # 60 MiB: above the SDK's limit for uploads in parts
        path = f"{self.root}/large.bin"
        self.owner.files.upload(path, io.BytesIO(content))
        self.assertEqual(self.owner.files.get_metadata(path).content_length, len(content))
        self.assertTrue(self.owner.files.download(path).contents.read() == content)

    def test_ranges(self):
        self.owner.files.upload(f"{self.root}/range", io.BytesIO(b"0123456789"), overwrite=True)
        url = f"/api/2.0/fs/files{self.root}/range"
        part = call("GET", url, headers={"Range": "bytes=2-4"})
        self.assertEqual((part.status_code, part.content), (206, b"234"))
        self.assertEqual(part.headers["Content-Range"], "bytes 2-4/10")
        self.assertEqual(call("GET", url, headers={"Range": "bytes=-2"}).content, b"89")
        self.assertEqual(call("GET", url, headers={"Range": "bytes=10-"}).status_code, 416)
        head = call("HEAD", url)
        self.assertEqual((head.headers["Content-Length"], head.content), ("10", b""))
        self.assertIn("GMT", head.headers["Last-Modified"])

    def test_directories(self):
        files = self.owner.files
        files.create_directory(f"{self.root}/d/e")
        files.create_directory(f"{self.root}/d/e")
        files.get_directory_metadata(f"{self.root}/d/e")
        refused = call("DELETE", f"/api/2.0/fs/directories{self.root}/d")
        self.assertEqual(refused.status_code, 400)
        self.assertEqual(refused.json()["details"][0]["reason"], "FILES_API_DIRECTORY_IS_NOT_EMPTY")
        for number in range(5):
            files.upload(f"{self.root}/d/{number}", io.BytesIO(b""))
        names = [e.name for e in files.list_directory_contents(f"{self.root}/d", page_size=2)]
        self.assertEqual(names, ["0", "1", "2", "3", "4", "e"])
        tampered = call("GET", f"/api/2.0/fs/directories{self.root}/d?page_token=x")
        self.assertEqual(tampered.status_code, 400)

    def test_nothing_leads_out(self):
        for path in (
            "/Volumes/main/default/raw/..%2F..%2F..%2F..%2Fworkspace.db",
            "/Volumes/main/default/raw/../../../../workspace.db",
            "/Volumes/main/default",
            "/etc/passwd",
        ):
            answer = requests.Session()
            request = requests.Request("GET", local.url, headers={"Authorization": "Bearer " + local.token}).prepare()
            request.url = local.url + "/api/2.0/fs/files" + path
            self.assertIn(answer.send(request).status_code, (400, 403, 404), path)

    def test_privileges_decide(self):
        made, client = local.service_principal("loader")
        path = f"{self.root}/guarded"
        self.owner.files.upload(path, io.BytesIO(b"1"), overwrite=True)

        def grant(kind, name, *privileges):
            change = catalog.PermissionsChange(principal=made.application_id, add=list(privileges))
            self.owner.grants.update(kind, name, changes=[change])

        with self.assertRaises(errors.PermissionDenied):
            client.files.download(path)
        grant("volume", "main.default.raw", catalog.Privilege.READ_VOLUME)
        with self.assertRaises(errors.PermissionDenied):
            client.files.download(path)
        grant("schema", "main.default", catalog.Privilege.USE_SCHEMA)
        self.assertEqual(client.files.download(path).contents.read(), b"1")
        with self.assertRaises(errors.PermissionDenied):
            client.files.upload(path, io.BytesIO(b"2"), overwrite=True)
        grant("volume", "main.default.raw", catalog.Privilege.WRITE_VOLUME)
        client.files.upload(path, io.BytesIO(b"2"), overwrite=True)

    def test_workspace_files_by_the_files_api(self):
        path = f"/Workspace{HOME}/by-files-api.txt"
        self.owner.files.upload(path, io.BytesIO(b"123"))
        self.assertEqual(self.owner.files.download(path).contents.read(), b"123")
        part = call("GET", f"/api/2.0/fs/files{path}", headers={"Range": "bytes=1-1"})
        self.assertEqual((part.status_code, part.content), (206, b"2"))
        self.owner.files.delete(path)


class Crash(unittest.TestCase):
    def test_kill_loses_nothing(self):
        own = LocalWorkspace()
        try:
            owner = own.owner()
            large = bytes(range(256)) * 4096
            for number in range(10):
                owner.workspace.upload(f"{HOME}/s{number}", io.BytesIO(b"x" * number), format=ws.ImportFormat.AUTO)
            owner.workspace.upload(f"{HOME}/large", io.BytesIO(large), format=ws.ImportFormat.AUTO)
            owner.volumes.create("main", "default", "v", catalog.VolumeType.MANAGED)
            owner.files.upload("/Volumes/main/default/v/f", io.BytesIO(large))
            own.kill()
            own.start()
            owner = own.owner()
            for number in range(10):
                self.assertEqual(owner.workspace.get_status(f"{HOME}/s{number}").size, number)
            with owner.workspace.download(f"{HOME}/large") as stream:
                self.assertTrue(stream.read() == large)
            self.assertTrue(owner.files.download("/Volumes/main/default/v/f").contents.read() == large)
        finally:
            own.stop()


if __name__ == "__main__":
    unittest.main()
