#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/files/multipart.hpp"
#include "core/files/notebook.hpp"
#include "core/server/routes.hpp"

namespace pier::server {
namespace {

using files::ImportFormat;
using files::ImportOptions;
using files::ObjectInfo;
using files::ObjectType;
using http::Response;

constexpr std::uint64_t k_max_form = 16ULL * 1024 * 1024;

Error invalid(std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

Result<std::string> path_of(const ApiCall& call) {
  auto path = call.request.query.get("path").value_or("");
  if (path.empty()) {
    return invalid("Missing required field: path");
  }
  return path;
}

Json object_json(const ObjectInfo& object, bool export_info) {
  const auto id = std::to_string(object.object_id);
  auto out = Json::object({{"path", object.path},
                           {"object_id", object.object_id},
                           {"resource_id", id},
                           {"created_at", object.created_at},
                           {"modified_at", object.modified_at}});
  switch (object.type) {
  case ObjectType::directory: out["object_type"] = "DIRECTORY"; break;
  case ObjectType::file:
    out["object_type"] = "FILE";
    out["size"] = static_cast<std::int64_t>(object.size);
    break;
  case ObjectType::notebook:
    out["object_type"] = "NOTEBOOK";
    out["language"] = object.language;
    if (export_info) {
      out["repos_export_format"] = object.is_ipynb ? "JUPYTER" : "SOURCE";
    }
    break;
  }
  return out;
}

Result<Json> get_status(Workspace& workspace, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto path, path_of(call));
  PIER_TRY_ASSIGN(const auto object, workspace.files->status(path));
  PIER_TRY(workspace.file_access->require_look(call.caller, object));
  return object_json(object, call.request.query.flag("return_export_info"));
}

Result<Json> list(Workspace& workspace, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto path, path_of(call));
  PIER_TRY_ASSIGN(const auto objects, workspace.file_access->list(call.caller, path));
  if (objects.empty()) {
    return Json::object();
  }
  auto items = Json::array();
  for (const auto& object : objects) {
    items.push_back(object_json(object, true));
  }
  return Json::object({{"objects", std::move(items)}});
}

Result<Json> make_directories(Workspace& workspace, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto path, call.required("path"));
  if (const auto there = workspace.files->status(path); there && there->type == ObjectType::directory) {
    PIER_TRY(workspace.file_access->require_look(call.caller, *there));
    return Json::object();
  }
  PIER_TRY(workspace.file_access->require_write(call.caller, path));
  PIER_TRY(workspace.files->make_directories(path));
  return Json::object();
}

Result<Json> remove(Workspace& workspace, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto path, call.required("path"));
  PIER_TRY(workspace.file_access->require(call.caller, path, "CAN_MANAGE"));
  PIER_TRY(workspace.files->remove(path, call.body.get_bool("recursive")));
  return Json::object();
}

/// import-file: the body is the content.
Result<Response> import_file(Workspace& workspace, const ApiCall& call) {
  const auto path = "/" + call.at("path");
  const bool overwrite = call.request.query.flag("overwrite");
  PIER_TRY(workspace.file_access->require_write(call.caller, path));
  PIER_TRY(call.request.body_file.empty() ? workspace.files->write(path, call.request.body, overwrite)
                                          : workspace.files->write_from(path, call.request.body_file, overwrite));
  return Response::json(200, "{}");
}

struct ImportRequest {
  std::string path;
  std::string content;
  std::string format;
  std::string language;
  bool overwrite = false;
};

Result<ImportRequest> import_of_form(const ApiCall& call) {
  std::string from_file;
  if (!call.request.body_file.empty()) {
    PIER_TRY_ASSIGN(from_file, read_file(call.request.body_file, k_max_form));
  }
  const std::string_view body = call.request.body_file.empty() ? call.request.body : from_file;
  PIER_TRY_ASSIGN(const auto parts,
                  files::parse_multipart(call.request.headers.get("Content-Type").value_or(""), body));
  ImportRequest out;
  for (const auto& part : parts) {
    if (part.name == "path") {
      out.path = part.content;
    } else if (part.name == "content") {
      out.content = part.content;
    } else if (part.name == "format") {
      out.format = part.content;
    } else if (part.name == "language") {
      out.language = part.content;
    } else if (part.name == "overwrite") {
      out.overwrite = equals_ignore_case(part.content, "true");
    }
  }
  return out;
}

Result<ImportRequest> import_of_json(const ApiCall& call) {
  if (call.body.is_null()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "MALFORMED_REQUEST",
                 .message = "Could not parse request object: expected JSON or multipart/form-data"};
  }
  ImportRequest out{.path = call.body.get_string("path"),
                    .format = call.body.get_string("format"),
                    .language = call.body.get_string("language"),
                    .overwrite = call.body.get_bool("overwrite")};
  PIER_TRY_ASSIGN(out.content, base64_decode(call.body.get_string("content")));
  return out;
}

Result<ImportFormat> import_format(const std::string& text) {
  if (text.empty() || text == "SOURCE") {
    return ImportFormat::source;
  }
  if (text == "AUTO") {
    return ImportFormat::automatic;
  }
  if (text == "RAW") {
    return ImportFormat::raw;
  }
  if (text == "JUPYTER") {
    return ImportFormat::jupyter;
  }
  if (text == "HTML" || text == "DBC" || text == "R_MARKDOWN") {
    return Error{.kind = ErrorKind::unsupported,
                 .code = "NOT_IMPLEMENTED",
                 .message =
                     "Format " + text + " is not offered by the local workspace: use SOURCE, AUTO, RAW, JUPYTER."};
  }
  return invalid("'" + text + "' is no format: use SOURCE, AUTO, RAW or JUPYTER");
}

Result<Response> import(Workspace& workspace, const ApiCall& call) {
  const auto type = to_lower(call.request.headers.get("Content-Type").value_or(""));
  PIER_TRY_ASSIGN(const auto request,
                  type.starts_with("multipart/form-data") ? import_of_form(call) : import_of_json(call));
  if (request.path.empty()) {
    return invalid("Missing required field: path");
  }
  PIER_TRY_ASSIGN(const auto format, import_format(request.format));
  PIER_TRY(workspace.file_access->require_write(call.caller, request.path));
  PIER_TRY(workspace.files->import(
      request.path, request.content,
      ImportOptions{.format = format, .language = request.language, .overwrite = request.overwrite}));
  return Response::json(200, "{}");
}

/// The bytes in the asked-for format: as kept, or a Jupyter notebook as source.
Result<files::Content> export_content(Workspace& workspace, const std::string& path, const std::string& format) {
  PIER_TRY_ASSIGN(auto content, workspace.files->content(path));
  const bool notebook = content.info.type == ObjectType::notebook;
  const bool as_kept = format.empty() || format == "AUTO" || format == "RAW" || !notebook ||
                       (format == "SOURCE" && !content.info.is_ipynb) || (format == "JUPYTER" && content.info.is_ipynb);
  if (as_kept) {
    return content;
  }
  if (format == "SOURCE") {
    PIER_TRY_ASSIGN(const auto bytes, workspace.files->read(path));
    PIER_TRY_ASSIGN(content.bytes, files::source_of_ipynb(bytes));
    content.file.clear();
    content.info.is_ipynb = false;
    return content;
  }
  return Error{.kind = ErrorKind::unsupported,
               .code = "NOT_IMPLEMENTED",
               .message = "Export of " + path + " as " + format + " is not offered by the local workspace."};
}

Response raw_content(files::Content content) {
  Response response;
  response.headers.set("Content-Type", "application/octet-stream");
  response.headers.set("Last-Modified", to_http_date(from_epoch_millis(content.info.modified_at)));
  if (content.file.empty()) {
    response.body = std::move(content.bytes);
  } else {
    response.file = http::FileBody{.path = content.file, .offset = 0, .length = content.info.size};
  }
  return response;
}

std::string file_type_of(const ObjectInfo& object) {
  if (object.type == ObjectType::notebook) {
    const auto extension = files::extension_of(object.language, object.is_ipynb);
    return std::string(extension.substr(extension.empty() ? 0 : 1));
  }
  const auto name = object.name();
  const auto dot = name.rfind('.');
  return dot == std::string::npos ? std::string() : name.substr(dot + 1);
}

Result<Response> export_object(Workspace& workspace, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto path, path_of(call));
  PIER_TRY(workspace.file_access->require(call.caller, path, "CAN_READ"));
  PIER_TRY_ASSIGN(auto content, export_content(workspace, path, call.request.query.get("format").value_or("")));
  if (call.request.query.flag("direct_download")) {
    return raw_content(std::move(content));
  }
  if (!content.file.empty()) {
    PIER_TRY_ASSIGN(content.bytes, read_file(content.file, k_max_form));
  }
  return Response::json(
      200, Json::object({{"content", base64_encode(content.bytes)}, {"file_type", file_type_of(content.info)}}).dump());
}

Result<Response> read(Workspace& workspace, const ApiCall& call) {
  const auto path = "/" + call.at("path");
  PIER_TRY(workspace.file_access->require(call.caller, path, "CAN_READ"));
  PIER_TRY_ASSIGN(auto content, workspace.files->content(path));
  return raw_content(std::move(content));
}

} // namespace

void register_workspace_file_routes(ApiRouter& router, Workspace& workspace) {
  constexpr auto k_slow = http::Cost::slow;
  router.json("GET", "/api/2.0/workspace/get-status", [&](ApiCall& call) { return get_status(workspace, call); });
  router.json("GET", "/api/2.0/workspace/list", [&](ApiCall& call) { return list(workspace, call); });
  router.json(
      "POST", "/api/2.0/workspace/mkdirs", [&](ApiCall& call) { return make_directories(workspace, call); }, k_slow);
  router.json("POST", "/api/2.0/workspace/delete", [&](ApiCall& call) { return remove(workspace, call); }, k_slow);
  router.raw("POST", "/api/2.0/workspace/import", [&](ApiCall& call) { return import(workspace, call); }, k_slow);
  router.raw("GET", "/api/2.0/workspace/export", [&](ApiCall& call) { return export_object(workspace, call); });
  router.raw(
      "POST", "/api/2.0/workspace-files/import-file/{path...}",
      [&](ApiCall& call) { return import_file(workspace, call); }, k_slow);
  router.raw("GET", "/api/2.0/workspace-files/{path...}", [&](ApiCall& call) { return read(workspace, call); });
}

} // namespace pier::server
