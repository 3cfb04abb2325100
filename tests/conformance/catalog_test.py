"""Unity Catalog metadata and grants through the unmodified Databricks SDK for Python."""

import tempfile
import unittest

import requests
from databricks.sdk import errors
from databricks.sdk.service import catalog

from workspace import OWNER, LocalWorkspace

local = None


def setUpModule():
    global local
    local = LocalWorkspace()


def tearDownModule():
    local.stop()


class Objects(unittest.TestCase):
    def setUp(self):
        self.owner = local.owner()

    def test_defaults(self):
        self.assertIn("main", [c.name for c in self.owner.catalogs.list()])
        self.assertEqual([s.name for s in self.owner.schemas.list("main")][0], "default")
        self.assertEqual(self.owner.metastores.current().default_catalog_name, "main")
        self.assertEqual(self.owner.metastores.summary().metastore_id, self.owner.metastores.current().metastore_id)

    def test_catalogs(self):
        made = self.owner.catalogs.create("Dev", comment="for trying", properties={"team": "x"})
        self.assertEqual((made.name, made.owner, made.properties), ("dev", OWNER, {"team": "x"}))
        self.assertEqual([s.name for s in self.owner.schemas.list("dev")], ["default", "information_schema"])
        with self.assertRaises(errors.ResourceAlreadyExists):
            self.owner.catalogs.create("dev")
        renamed = self.owner.catalogs.update("dev", new_name="dev2", comment="new")
        self.assertEqual((renamed.name, renamed.comment), ("dev2", "new"))
        self.owner.schemas.create("s", "dev2")
        with self.assertRaises(errors.BadRequest):
            self.owner.catalogs.delete("dev2")
        self.owner.catalogs.delete("dev2", force=True)
        with self.assertRaises(errors.NotFound):
            self.owner.catalogs.get("dev2")

    def test_only_what_was_given_is_shown(self):
        plain = self.owner.schemas.create("plain", "main").as_dict()
        for member in ("comment", "properties", "storage_root"):
            self.assertNotIn(member, plain)
        self.assertEqual(self.owner.schemas.get("main.plain").as_dict(), plain)
        self.owner.schemas.delete("main.plain")

    def test_missing_parents_are_named(self):
        for attempt, text in (
            (lambda: self.owner.schemas.create("s", "nix"), "Catalog 'nix' does not exist."),
            (lambda: self.owner.schemas.get("main.nix"), "Schema 'main.nix' does not exist."),
            (lambda: self.owner.tables.get("main.nix.t"), "Schema 'main.nix' does not exist."),
            (lambda: self.owner.tables.get("main.default.nix"), "Table 'main.default.nix' does not exist."),
            (lambda: list(self.owner.tables.list("main", "nix")), "Schema 'main.nix' does not exist."),
            (lambda: self.owner.volumes.read("main.default.nix"), "Volume 'main.default.nix' does not exist."),
        ):
            with self.assertRaisesRegex(errors.NotFound, text):
                attempt()
        self.assertFalse(self.owner.tables.exists("main.default.nix").table_exists)
        with self.assertRaises(errors.NotFound):
            self.owner.tables.exists("main.nix.t")

    def test_schema_rename_keeps_volumes(self):
        self.owner.schemas.create("before", "main")
        self.owner.volumes.create("main", "before", "v", catalog.VolumeType.MANAGED, comment="c")
        self.owner.schemas.update("main.before", new_name="after")
        read = self.owner.volumes.read("main.after.v")
        self.assertEqual((read.comment, read.volume_type), ("c", catalog.VolumeType.MANAGED))
        self.assertEqual([v.name for v in self.owner.volumes.list("main", "after")], ["v"])
        self.owner.volumes.update("main.after.v", new_name="w")
        self.owner.volumes.delete("main.after.w")
        self.owner.schemas.delete("main.after")

    def test_external_tables_need_an_external_location(self):
        with tempfile.TemporaryDirectory() as folder:
            def create():
                return self.owner.tables.create(
                    name="ext",
                    catalog_name="main",
                    schema_name="default",
                    table_type=catalog.TableType.EXTERNAL,
                    data_source_format=catalog.DataSourceFormat.DELTA,
                    storage_location=f"file://{folder}/t",
                    columns=[
                        catalog.ColumnInfo(
                            name="price", type_name=catalog.ColumnTypeName.DECIMAL, type_text="decimal(10,2)"
                        )
                    ],
                )

            with self.assertRaises(errors.PermissionDenied):
                create()
            self.owner.external_locations.create("landing", f"file://{folder}", "none")
            made = create()
            column = self.owner.tables.get(made.full_name).columns[0]
            self.assertEqual((column.type_precision, column.type_scale), (10, 2))
            self.assertEqual([t.name for t in self.owner.tables.list("main", "default")], ["ext"])
            self.assertEqual(
                [t.full_name for t in self.owner.tables.list_summaries("main", table_name_pattern="e%")],
                ["main.default.ext"],
            )
            self.assertTrue(self.owner.tables.exists("main.default.ext").table_exists)
            self.owner.tables.delete("main.default.ext")
            self.owner.external_locations.delete("landing")
        with self.assertRaises(errors.BadRequest):
            self.owner.external_locations.create("own", f"file://{local.folder}", "none")

    def test_functions_are_kept_as_sent(self):
        body = {
            "function_info": {
                "name": "f",
                "catalog_name": "main",
                "schema_name": "default",
                "input_params": {"parameters": []},
                "data_type": "BOOLEAN",
                "full_data_type": "BOOLEAN",
                "routine_body": "SQL",
                "routine_definition": "true",
            }
        }
        made = requests.post(
            local.url + "/api/2.1/unity-catalog/functions",
            json=body,
            headers={"Authorization": "Bearer " + local.token},
        )
        self.assertEqual(made.status_code, 200, made.text)
        self.assertEqual(self.owner.functions.get("main.default.f").routine_definition, "true")
        self.assertEqual([f.name for f in self.owner.functions.list("main", "default")], ["f"])
        self.owner.functions.delete("main.default.f")

    def test_what_is_not_offered_says_so(self):
        with self.assertRaises(errors.NotImplemented):
            self.owner.catalogs.create("shared", provider_name="p", share_name="s")
        with self.assertRaises(errors.NotImplemented):
            self.owner.registered_models.get("main.default.m")


class Grants(unittest.TestCase):
    def setUp(self):
        self.owner = local.owner()
        self.made, self.client = local.service_principal("analyst")
        self.name = self.made.application_id

    def change(self, kind, name, add=(), remove=(), client=None):
        change = catalog.PermissionsChange(principal=self.name, add=list(add), remove=list(remove))
        return (client or self.owner).grants.update(kind, name, changes=[change])

    def privileges(self, kind, name):
        answer = self.owner.grants.get(kind, name, principal=self.name)
        return [p.value for a in answer.privilege_assignments or [] for p in a.privileges]

    def test_add_and_remove(self):
        self.change("catalog", "main", [catalog.Privilege.USE_CATALOG, catalog.Privilege.SELECT])
        self.assertEqual(self.privileges("catalog", "main"), ["SELECT", "USE_CATALOG"])
        effective = self.owner.grants.get_effective("schema", "main.default", principal=self.name)
        inherited = {p.privilege.value: p.inherited_from_name for p in effective.privilege_assignments[0].privileges}
        self.assertEqual(inherited, {"SELECT": "main", "USE_CATALOG": "main"})
        self.change("catalog", "main", [catalog.Privilege.USE_CATALOG], [catalog.Privilege.ALL_PRIVILEGES])
        self.assertEqual(self.privileges("catalog", "main"), ["USE_CATALOG"])

    def test_what_does_not_fit_is_refused(self):
        with self.assertRaises(errors.BadRequest):
            self.change("schema", "main.default", [catalog.Privilege.READ_FILES])
        with self.assertRaises(errors.NotFound):
            self.change("schema", "main.nix", [catalog.Privilege.SELECT])
        with self.assertRaises(errors.BadRequest):
            both = [catalog.Privilege.ALL_PRIVILEGES]
            self.change("schema", "main.default", both, both)
        for principal in ("nobody@pier.local", "users"):
            change = catalog.PermissionsChange(principal=principal, add=[catalog.Privilege.SELECT])
            with self.assertRaises(errors.NotFound):
                self.owner.grants.update("schema", "main.default", changes=[change])

    def test_nobody_sees_or_does_what_was_not_granted(self):
        self.assertEqual([c.name for c in self.client.catalogs.list()], ["main"])  # USE CATALOG is everybody's
        for attempt in (
            lambda: self.client.schemas.create("mine", "main"),
            lambda: self.client.catalogs.create("mine"),
            lambda: self.client.volumes.create("main", "default", "v", catalog.VolumeType.MANAGED),
            lambda: self.client.schemas.delete("main.default"),
            lambda: self.change("catalog", "main", [catalog.Privilege.USE_CATALOG], client=self.client),
        ):
            with self.assertRaises(errors.PermissionDenied):
                attempt()
        self.change("catalog", "main", [catalog.Privilege.USE_CATALOG, catalog.Privilege.CREATE_SCHEMA])
        self.assertEqual([c.name for c in self.client.catalogs.list()], ["main"])
        mine = self.client.schemas.create("mine", "main")
        self.assertEqual(mine.owner, self.name)
        self.client.volumes.create("main", "mine", "v", catalog.VolumeType.MANAGED)
        self.client.schemas.delete("main.mine", force=True)

    def test_grants_of_others_are_not_shown(self):
        # Everybody is in `account users`, so what that group may is the caller's too.
        self.change("catalog", "main", [catalog.Privilege.USE_CATALOG])
        other = catalog.PermissionsChange(principal=OWNER, add=[catalog.Privilege.BROWSE])
        self.owner.grants.update("catalog", "main", changes=[other])
        shown = self.client.grants.get("catalog", "main").privilege_assignments
        self.assertCountEqual([assignment.principal for assignment in shown], ["account users", self.name])


if __name__ == "__main__":
    unittest.main()
