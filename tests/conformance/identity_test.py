"""Identity, tokens, secrets and permissions through the unmodified Databricks SDK for Python."""

import base64
import unittest

import requests
from databricks.sdk import errors
from databricks.sdk.service import iam, workspace as ws

from workspace import OWNER, LocalWorkspace

local = None


def setUpModule():
    global local
    local = LocalWorkspace()


def tearDownModule():
    local.stop()


class Me(unittest.TestCase):
    def test_owner(self):
        me = local.owner().current_user.me()
        self.assertEqual(me.user_name, OWNER)
        self.assertTrue(me.active)
        self.assertEqual(me.emails[0].value, OWNER)
        self.assertIn("admins", [group.display for group in me.groups])

    def test_workspace_id_is_in_a_header(self):
        self.assertGreater(local.owner().get_workspace_id(), 0)

    def test_without_and_with_a_wrong_credential(self):
        url = local.url + "/api/2.0/preview/scim/v2/Me"
        self.assertEqual(requests.get(url).status_code, 401)
        refused = requests.get(url, headers={"Authorization": "Bearer dapi123"})
        self.assertEqual((refused.status_code, refused.json()["message"]), (403, "Invalid access token."))

    def test_service_principal_signs_in_by_client_credentials(self):
        made, client = local.service_principal("etl")
        me = client.current_user.me()
        self.assertEqual(me.id, made.id)
        self.assertEqual(me.display_name, "etl")

    def test_token_endpoint_takes_the_secret_in_the_body_too(self):
        made, _ = local.service_principal("body")
        secret = local.owner().service_principal_secrets_proxy.create(service_principal_id=made.id)
        form = {"grant_type": "client_credentials", "scope": "all-apis", "client_id": made.application_id}
        url = local.url + "/oidc/v1/token"
        good = requests.post(url, data={**form, "client_secret": secret.secret})
        self.assertEqual((good.status_code, good.json()["token_type"], good.json()["expires_in"]), (200, "Bearer", 3600))
        bad = requests.post(url, data={**form, "client_secret": "wrong"})
        self.assertEqual((bad.status_code, bad.json()["error"]), (401, "invalid_client"))
        other = requests.post(url, data={"grant_type": "password"})
        self.assertEqual((other.status_code, other.json()["error"]), (400, "unsupported_grant_type"))

    def test_a_down_scoped_token_opens_only_its_scope(self):
        made, _ = local.service_principal("scoped")
        secret = local.owner().service_principal_secrets_proxy.create(service_principal_id=made.id)
        answer = requests.post(
            local.url + "/oidc/v1/token",
            data={"grant_type": "client_credentials", "scope": "files.files"},
            auth=(made.application_id, secret.secret),
        ).json()
        self.assertEqual(answer["scope"], "files.files")
        client = local.with_token(answer["access_token"])
        with self.assertRaises(errors.PermissionDenied):
            client.tokens.create()


class Scim(unittest.TestCase):
    def test_users(self):
        owner = local.owner()
        bob = owner.users.create(user_name="bob@pier.local", display_name="Bob Builder")
        self.assertEqual(owner.users.get(bob.id).name.family_name, "Builder")
        self.assertEqual([u.id for u in owner.users.list(filter='userName eq "BOB@pier.local"')], [bob.id])
        self.assertIn("users", [group.display for group in owner.users.get(bob.id).groups])
        owner.users.patch(
            bob.id,
            operations=[iam.Patch(op=iam.PatchOp.REPLACE, path="name.familyName", value="Baker")],
            schemas=[iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP],
        )
        self.assertEqual(owner.users.get(bob.id).name.family_name, "Baker")
        owner.users.update(bob.id, user_name="bob@pier.local", active=False)
        self.assertFalse(owner.users.get(bob.id).active)
        with self.assertRaises(errors.ResourceConflict):
            owner.users.create(user_name="bob@pier.local")
        owner.users.delete(bob.id)
        with self.assertRaises(errors.NotFound):
            owner.users.get(bob.id)

    def test_groups_show_in_their_members(self):
        owner = local.owner()
        made, client = local.service_principal("member")
        group = owner.groups.create(display_name="team", members=[iam.ComplexValue(value=made.id)])
        self.assertIn("team", [held.display for held in client.current_user.me().groups])
        operation = iam.Patch(op=iam.PatchOp.REMOVE, path=f'members[value eq "{made.id}"]')
        owner.groups.patch(
            group.id, operations=[operation], schemas=[iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP]
        )
        self.assertNotIn("team", [held.display for held in client.current_user.me().groups])
        self.assertEqual([g.id for g in owner.groups.list(filter='displayName eq "team"')], [group.id])
        owner.groups.delete(group.id)

    def test_paging_reaches_everybody(self):
        owner = local.owner()
        for number in range(7):
            owner.users.create(user_name=f"page{number}@pier.local")
        names = [u.user_name for u in owner.users.list(filter='userName sw "page"', count=3)]
        self.assertEqual(names, [f"page{number}@pier.local" for number in range(7)])

    def test_only_admins_change_principals(self):
        _, client = local.service_principal("nobody")
        with self.assertRaises(errors.PermissionDenied):
            client.users.create(user_name="eve@pier.local")

    def test_the_owner_and_admins_stay(self):
        owner = local.owner()
        with self.assertRaises(errors.BadRequest):
            owner.users.delete(owner.current_user.me().id)

    def test_secrets_of_service_principals(self):
        owner = local.owner()
        made, _ = local.service_principal("secretive")
        before = len(list(owner.service_principal_secrets_proxy.list(made.id)))
        secret = owner.service_principal_secrets_proxy.create(service_principal_id=made.id, lifetime="3600s")
        listed = list(owner.service_principal_secrets_proxy.list(made.id))
        self.assertEqual(len(listed), before + 1)
        self.assertTrue(secret.secret and secret.expire_time)
        owner.service_principal_secrets_proxy.delete(service_principal_id=made.id, secret_id=secret.id)
        self.assertEqual(len(list(owner.service_principal_secrets_proxy.list(made.id))), before)


class Tokens(unittest.TestCase):
    def test_a_token_works_until_it_is_deleted(self):
        owner = local.owner()
        made = owner.tokens.create(comment="test", lifetime_seconds=600)
        self.assertTrue(made.token_value.startswith("dapi"))
        client = local.with_token(made.token_value)
        self.assertEqual(client.current_user.me().user_name, OWNER)
        self.assertIn(made.token_info.token_id, [t.token_id for t in owner.tokens.list()])
        owner.tokens.delete(token_id=made.token_info.token_id)
        with self.assertRaises(errors.PermissionDenied):
            client.current_user.me()
        with self.assertRaises(errors.NotFound):
            owner.tokens.delete(token_id=made.token_info.token_id)

    def test_nobody_deletes_the_token_of_another(self):
        token = local.owner().tokens.create(comment="mine")
        _, client = local.service_principal("thief")
        with self.assertRaises(errors.NotFound):
            client.tokens.delete(token_id=token.token_info.token_id)


class Secrets(unittest.TestCase):
    def test_life_of_a_secret(self):
        owner = local.owner()
        owner.secrets.create_scope("shop")
        self.assertIn("shop", [scope.name for scope in owner.secrets.list_scopes()])
        owner.secrets.put_secret("shop", "text", string_value="pässword")
        owner.secrets.put_secret("shop", "bytes", bytes_value=base64.b64encode(b"\x00\xff").decode())
        self.assertEqual(base64.b64decode(owner.secrets.get_secret("shop", "text").value).decode(), "pässword")
        self.assertEqual(base64.b64decode(owner.secrets.get_secret("shop", "bytes").value), b"\x00\xff")
        self.assertEqual([s.key for s in owner.secrets.list_secrets("shop")], ["bytes", "text"])
        owner.secrets.delete_secret("shop", "text")
        with self.assertRaises(errors.ResourceDoesNotExist):
            owner.secrets.get_secret("shop", "text")
        with self.assertRaises(errors.ResourceAlreadyExists):
            owner.secrets.create_scope("shop")
        owner.secrets.delete_scope("shop")
        with self.assertRaises(errors.ResourceDoesNotExist):
            owner.secrets.list_secrets("shop").__next__()

    def test_acls_decide(self):
        owner = local.owner()
        made, client = local.service_principal("reader")
        owner.secrets.create_scope("guarded")
        owner.secrets.put_secret("guarded", "key", string_value="value")
        with self.assertRaises(errors.PermissionDenied):
            client.secrets.get_secret("guarded", "key")
        owner.secrets.put_acl("guarded", made.application_id, ws.AclPermission.READ)
        self.assertEqual(base64.b64decode(client.secrets.get_secret("guarded", "key").value), b"value")
        with self.assertRaises(errors.PermissionDenied):
            client.secrets.put_secret("guarded", "key", string_value="other")
        self.assertEqual(owner.secrets.get_acl("guarded", made.application_id).permission, ws.AclPermission.READ)
        self.assertEqual(
            {acl.principal: acl.permission for acl in owner.secrets.list_acls("guarded")},
            {OWNER: ws.AclPermission.MANAGE, made.application_id: ws.AclPermission.READ},
        )
        owner.secrets.delete_acl("guarded", made.application_id)
        with self.assertRaises(errors.PermissionDenied):
            client.secrets.get_secret("guarded", "key")

    def test_values_are_not_readable_on_the_disk(self):
        owner = local.owner()
        owner.secrets.create_scope("sealed")
        owner.secrets.put_secret("sealed", "key", string_value="correct-horse-battery")
        for file in local.folder.glob("workspace.db*"):
            self.assertNotIn(b"correct-horse-battery", file.read_bytes())


class Permissions(unittest.TestCase):
    def setUp(self):
        self.owner = local.owner()
        self.owner.workspace.mkdirs("/Shared/acl")
        self.folder = str(self.owner.workspace.get_status("/Shared/acl").object_id)

    def test_set_update_and_get(self):
        made, _ = local.service_principal("granted")
        entry = iam.AccessControlRequest(
            service_principal_name=made.application_id, permission_level=iam.PermissionLevel.CAN_READ
        )
        self.owner.permissions.update("directories", self.folder, access_control_list=[entry])
        answer = self.owner.permissions.get("directories", self.folder)
        self.assertEqual(answer.object_id, "/directories/" + self.folder)
        levels = {
            (acl.service_principal_name or acl.group_name): [
                (held.permission_level, held.inherited) for held in acl.all_permissions
            ]
            for acl in answer.access_control_list
        }
        self.assertEqual(levels[made.application_id], [(iam.PermissionLevel.CAN_READ, False)])
        self.assertEqual(levels["users"], [(iam.PermissionLevel.CAN_MANAGE, True)])
        self.assertEqual(levels["admins"], [(iam.PermissionLevel.CAN_MANAGE, True)])
        after = self.owner.permissions.set("directories", self.folder, access_control_list=[])
        self.assertNotIn(made.application_id, [acl.service_principal_name for acl in after.access_control_list])

    def test_what_cannot_be_is_refused(self):
        def set_entry(**entry):
            request = iam.AccessControlRequest(**entry)
            self.owner.permissions.set("directories", self.folder, access_control_list=[request])

        with self.assertRaises(errors.BadRequest):
            set_entry(user_name=OWNER, permission_level=iam.PermissionLevel.CAN_USE)
        with self.assertRaises(errors.NotFound):
            set_entry(user_name="nobody@pier.local", permission_level=iam.PermissionLevel.CAN_READ)
        with self.assertRaises(errors.BadRequest):
            set_entry(permission_level=iam.PermissionLevel.CAN_READ)
        with self.assertRaises(errors.NotFound):
            self.owner.permissions.get("jobs", "12345")
        with self.assertRaises(errors.BadRequest):
            self.owner.permissions.get("toys", "1")

    def test_levels(self):
        levels = self.owner.permissions.get_permission_levels("directories", self.folder).permission_levels
        self.assertEqual(levels[-1].permission_level, iam.PermissionLevel.CAN_MANAGE)
        self.assertEqual(len(levels), 4)


class Crash(unittest.TestCase):
    def test_kill_loses_nothing(self):
        own = LocalWorkspace()
        try:
            owner = own.owner()
            user = owner.users.create(user_name="kept@pier.local")
            token = owner.tokens.create(comment="kept").token_value
            owner.secrets.create_scope("kept")
            owner.secrets.put_secret("kept", "key", string_value="value")
            own.kill()
            own.start()
            owner = own.with_token(token)
            self.assertEqual(owner.users.get(user.id).user_name, "kept@pier.local")
            self.assertEqual(base64.b64decode(owner.secrets.get_secret("kept", "key").value), b"value")
        finally:
            own.stop()


if __name__ == "__main__":
    unittest.main()
