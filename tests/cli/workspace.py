"""A workspace for golden cases: as little of the REST API as `pier bundle validate` asks for. Everybody is
me@example.test; folders are there once they were made, or in FOLDERS; the named objects are those of OBJECTS."""
import http.server
import json
import threading
import urllib.parse

ME = {"id": "4711", "userName": "me@example.test", "displayName": "Me Myself", "active": True}

# path of a list -> (member of the answer, what is in it)
OBJECTS = {
    "/api/2.1/clusters/list": ("clusters", [
        {"cluster_id": "0101-one", "cluster_name": "one"},
        {"cluster_id": "0102-two", "cluster_name": "twice"}, {"cluster_id": "0103-two", "cluster_name": "twice"}]),
    "/api/2.0/sql/warehouses": ("warehouses", [{"id": "feed01", "name": "shared"}]),
    "/api/2.0/instance-pools/list": ("instance_pools", [{"instance_pool_id": "pool-1", "instance_pool_name": "pool"}]),
    "/api/2.0/policies/clusters/list": ("policies", [{"policy_id": "POL1", "name": "small"}]),
    "/api/2.2/jobs/list": ("jobs", [{"job_id": 77, "settings": {"name": "nightly"}}]),
    "/api/2.0/pipelines": ("statuses", [{"pipeline_id": "pipe-1", "name": "load"}]),
    "/api/2.0/preview/scim/v2/ServicePrincipals": ("Resources", [
        {"id": "9", "displayName": "robot", "applicationId": "11111111-2222-3333-4444-555555555555"}]),
}
# Folders that are always there -> (object id, access list)
FOLDERS = {
    "/Workspace": (1, []),
    "/Workspace/Teams": (2, [
        {"group_name": "admins", "all_permissions": [{"permission_level": "CAN_MANAGE", "inherited": True}]},
        {"user_name": "me@example.test", "all_permissions": [{"permission_level": "CAN_MANAGE"}]},
        {"group_name": "analysts", "all_permissions": [{"permission_level": "CAN_READ", "inherited": True},
                                                       {"permission_level": "CAN_EDIT"}]},
        {"service_principal_name": "robot", "all_permissions": [{"permission_level": "CAN_READ"}]}]),
}
CLUSTERS = {"0101-one": {"cluster_id": "0101-one", "spark_version": "15.4.x-scala2.12"}}

# path, or path with one parameter of the query -> answer
NOTEBOOK = {"object_type": "NOTEBOOK", "language": "SQL", "repos_export_format": "SOURCE"}
THINGS = {
    "/api/2.2/jobs/get?job_id=77": {"job_id": 77, "settings": {
        "name": "Nightly: Load", "format": "MULTI_TASK", "max_concurrent_runs": 1, "tags": {"cost": "42"},
        "tasks": [{"task_key": "load", "notebook_task": {"notebook_path": "/Shared/etl/load/orders"}},
                  {"task_key": "check", "depends_on": [{"task_key": "load"}],
                   "notebook_task": {"notebook_path": "/Shared/etl/check"}}]}},
    "/api/2.2/jobs/get?job_id=78": {"job_id": 78, "settings": {"name": "bare"}},
    "/api/2.0/workspace/get-status?path=/Shared/etl/load/orders": NOTEBOOK,
    "/api/2.0/workspace/get-status?path=/Shared/etl/check": NOTEBOOK,
    "/api/2.0/workspace/export?path=/Shared/etl/load/orders": "SELECT 1\n",
    "/api/2.0/workspace/export?path=/Shared/etl/check": "SELECT 2\n",
    "/api/2.0/apps/desk": {"name": "desk", "description": "Flights: today",
                           "default_source_code_path": "/Workspace/Users/me@example.test/desk",
                           "resources": [{"name": "wh", "sql_warehouse": {"permission": "CAN_USE", "id": "feed01"}}]},
    "/api/2.0/workspace/get-status?path=/Workspace/Users/me@example.test/desk": {"object_type": "DIRECTORY"},
    "/api/2.0/workspace/list?path=/Workspace/Users/me@example.test/desk": {"objects": [
        {"path": "/Workspace/Users/me@example.test/desk/app.py", "object_type": "FILE"},
        {"path": "/Workspace/Users/me@example.test/desk/node_modules", "object_type": "DIRECTORY"}]},
    "/api/2.0/workspace/get-status?path=/Workspace/Users/me@example.test/desk/app.py": {"object_type": "FILE"},
    "/api/2.0/workspace/export?path=/Workspace/Users/me@example.test/desk/app.py": "print()\n",
    "/api/2.0/workspace/get-status?path=/Shared/sales.lvdash.json": {"object_type": "DASHBOARD", "resource_id": "da5b"},
    "/api/2.0/lakeview/dashboards/da5b": {"dashboard_id": "da5b", "display_name": "Sales", "warehouse_id": "feed01",
                                          "serialized_dashboard": "{\"pages\":[{\"n\":1.0,\"a\":\"<&>\"}]}"},
}


class Workspace(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.folders = set()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self, status, body):
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, what):
        self.answer(404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": f"{what} does not exist"})

    def folder(self, path):
        """Folders belong to the case that made them: told apart by its token."""
        return self.headers.get("Authorization", ""), path

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/.well-known/databricks-config":
            self.answer(200, {"oidc_endpoint": self.server.url + "/oidc", "workspace_id": "1234"})
        elif url.path == "/api/2.0/preview/scim/v2/Me":
            self.answer(200, ME)
        elif thing := THINGS.get(url.path) or next(
                (THINGS[f"{url.path}?{name}={value}"] for name, value in query.items()
                 if f"{url.path}?{name}={value}" in THINGS), None):
            self.answer(200, thing)
        elif url.path == "/api/2.0/workspace/get-status":
            path = query["path"]
            if self.folder(path) in self.server.folders or path in FOLDERS:
                number, _ = FOLDERS.get(path, (1, []))
                self.answer(200, {"path": path, "object_type": "DIRECTORY", "object_id": number})
            else:
                self.refuse(path)
        elif url.path == "/api/2.1/clusters/get" and query.get("cluster_id") in CLUSTERS:
            self.answer(200, CLUSTERS[query["cluster_id"]])
        elif url.path.startswith("/api/2.0/permissions/directories/"):
            lists = {str(number): access for number, access in FOLDERS.values()}
            self.answer(200, {"access_control_list": lists[url.path.rsplit("/", 1)[1]]})
        elif url.path in OBJECTS:
            member, objects = OBJECTS[url.path]
            wanted = query.get("filter")  # displayName eq "robot"
            self.answer(200, {member: [one for one in objects if not wanted or one["displayName"] in wanted]})
        else:
            self.refuse(url.path)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if self.path == "/api/2.0/workspace/mkdirs":
            self.server.folders.add(self.folder(body["path"]))
            self.answer(200, {})
        else:
            self.refuse(self.path)
