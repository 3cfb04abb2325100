#include "core/base/text.hpp"
#include "core/files/byte_range.hpp"
#include "core/server/routes.hpp"

#include <algorithm>

namespace pier::server {
namespace {

using http::Response;

constexpr std::int64_t k_max_page = 1000;

std::string path_of(const ApiCall& call) {
  return "/" + call.at("path");
}

bool is_workspace_path(std::string_view path) {
  return path.starts_with("/Workspace/");
}

/// An error with the reason that the Files API's clients look for.
Response with_reason(const Error& error) {
  if (error.code != "FILES_API_DIRECTORY_IS_NOT_EMPTY") {
    return error_response(error);
  }
  return Response::json(
      http_status_of(error.kind),
      Json::object({{"error_code", "INVALID_PARAMETER_VALUE"},
                    {"message", error.message},
                    {"details", Json::array({Json::object({{"@type", "type.googleapis.com/google.rpc.ErrorInfo"},
                                                           {"reason", error.code},
                                                           {"domain", "filesystem.databricks.com"}})})}})
          .dump());
}

/// What is to be sent: where it is and what its head says.
struct Download {
  std::uint64_t size = 0;
  std::int64_t modified_at = 0;
  std::filesystem::path file; ///< empty: `bytes`
  std::string bytes;
};

Result<Download> find_download(Workspace& workspace, const ApiCall& call) {
  const auto path = path_of(call);
  if (is_workspace_path(path)) {
    PIER_TRY(workspace.file_access->require(call.caller, path, "CAN_READ"));
    PIER_TRY_ASSIGN(auto content, workspace.files->content(path));
    return Download{.size = content.info.size,
                    .modified_at = content.info.modified_at,
                    .file = std::move(content.file),
                    .bytes = std::move(content.bytes)};
  }
  PIER_TRY_ASSIGN(const auto entry, workspace.volume_files->status(call.caller, path));
  if (entry.is_directory) {
    return Error{.kind = ErrorKind::not_found, .code = "NOT_FOUND", .message = "'" + entry.path + "' is a directory."};
  }
  PIER_TRY_ASSIGN(const auto place, workspace.volume_files->open(call.caller, path));
  return Download{.size = entry.size, .modified_at = entry.modified_at, .file = place.file};
}

void set_body(Response& response, Download download, const files::ByteRange& range) {
  if (!download.file.empty()) {
    response.file = http::FileBody{.path = std::move(download.file), .offset = range.offset, .length = range.length};
  } else if (range.length == download.bytes.size()) {
    response.body = std::move(download.bytes);
  } else {
    response.body = download.bytes.substr(range.offset, range.length);
  }
}

/// GET and HEAD: Content-Length, Content-Type and Last-Modified are required by the SDKs; one Range is served.
Result<Response> download(Workspace& workspace, const ApiCall& call) {
  PIER_TRY_ASSIGN(auto found, find_download(workspace, call));
  const auto& headers = call.request.headers;
  const auto last_modified = to_http_date(from_epoch_millis(found.modified_at));
  Response response;
  response.headers.set("Content-Type", "application/octet-stream");
  response.headers.set("Last-Modified", last_modified);
  response.headers.set("Accept-Ranges", "bytes");
  // Dates are compared as the text that was handed out: the resuming client sends it back unchanged.
  if (const auto unmodified = headers.get("If-Unmodified-Since"); unmodified && *unmodified != last_modified) {
    response.status = 412;
    return response;
  }
  const auto asked = files::parse_range(headers.get("Range").value_or(""), found.size);
  if (asked.kind == files::RangeKind::unsatisfiable) {
    response.status = 416;
    response.headers.set("Content-Range", "bytes */" + std::to_string(found.size));
    return response;
  }
  if (asked.kind == files::RangeKind::part) {
    response.status = 206;
    response.headers.set("Content-Range", "bytes " + std::to_string(asked.range.offset) + "-" +
                                              std::to_string(asked.range.offset + asked.range.length - 1) + "/" +
                                              std::to_string(found.size));
  }
  if (call.request.method == "HEAD") {
    response.headers.set("Content-Length", std::to_string(asked.range.length));
    return response;
  }
  set_body(response, std::move(found), asked.range);
  return response;
}

Result<Response> upload(Workspace& workspace, const ApiCall& call) {
  const auto path = path_of(call);
  const bool overwrite = call.request.query.flag("overwrite");
  const auto& request = call.request;
  if (is_workspace_path(path)) {
    PIER_TRY(workspace.file_access->require_write(call.caller, path));
    PIER_TRY(request.body_file.empty() ? workspace.files->write(path, request.body, overwrite)
                                       : workspace.files->write_from(path, request.body_file, overwrite));
  } else {
    PIER_TRY(workspace.volume_files->write(call.caller, path, request.body, request.body_file, overwrite));
  }
  return Response{.status = 204};
}

Result<Response> remove_file(Workspace& workspace, const ApiCall& call) {
  const auto path = path_of(call);
  if (is_workspace_path(path)) {
    PIER_TRY(workspace.file_access->require(call.caller, path, "CAN_MANAGE"));
    PIER_TRY(workspace.files->remove(path, false));
  } else {
    PIER_TRY(workspace.volume_files->remove(call.caller, path));
  }
  return Response{.status = 204};
}

Result<Response> make_directory(Workspace& workspace, const ApiCall& call) {
  const auto path = path_of(call);
  if (is_workspace_path(path)) {
    PIER_TRY(workspace.file_access->require_write(call.caller, path));
    PIER_TRY(workspace.files->make_directories(path));
  } else {
    PIER_TRY(workspace.volume_files->make_directories(call.caller, path));
  }
  return Response{.status = 204};
}

Result<Response> remove_directory(Workspace& workspace, const ApiCall& call) {
  const auto path = path_of(call);
  if (is_workspace_path(path)) {
    return remove_file(workspace, call);
  }
  if (auto removed = workspace.volume_files->remove_directory(call.caller, path); !removed) {
    return with_reason(removed.error());
  }
  return Response{.status = 204};
}

Result<Response> head_directory(Workspace& workspace, const ApiCall& call) {
  const auto path = path_of(call);
  bool is_directory = false;
  if (is_workspace_path(path)) {
    PIER_TRY_ASSIGN(const auto object, workspace.files->status(path));
    PIER_TRY(workspace.file_access->require_look(call.caller, object));
    is_directory = object.type == files::ObjectType::directory;
  } else {
    PIER_TRY_ASSIGN(const auto entry, workspace.volume_files->status(call.caller, path));
    is_directory = entry.is_directory;
  }
  return Response{.status = is_directory ? 200 : 404};
}

Json entry_json(std::string path, bool is_directory, std::uint64_t size, std::int64_t modified_at) {
  auto out = Json::object(
      {{"name", path.substr(path.rfind('/') + 1)}, {"is_directory", is_directory}, {"last_modified", modified_at}});
  out["path"] = std::move(path);
  if (!is_directory) {
    out["file_size"] = static_cast<std::int64_t>(size);
  }
  return out;
}

Result<Json> list_directory(Workspace& workspace, const ApiCall& call) {
  const auto path = path_of(call);
  auto contents = Json::array();
  std::string next;
  if (is_workspace_path(path)) {
    PIER_TRY_ASSIGN(const auto objects, workspace.file_access->list(call.caller, path));
    for (const auto& object : objects) {
      contents.push_back(entry_json("/Workspace" + object.path, object.type == files::ObjectType::directory,
                                    object.size, object.modified_at));
    }
  } else {
    std::int64_t size = k_max_page;
    parse_int64(call.request.query.get("page_size").value_or(""), size);
    size = size <= 0 ? k_max_page : std::min(size, k_max_page);
    PIER_TRY_ASSIGN(auto page, workspace.volume_files->list(call.caller, path, static_cast<std::size_t>(size),
                                                            call.request.query.get("page_token").value_or("")));
    for (auto& entry : page.entries) {
      contents.push_back(entry_json(std::move(entry.path), entry.is_directory, entry.size, entry.modified_at));
    }
    next = std::move(page.next_page_token);
  }
  auto out = Json::object({{"contents", std::move(contents)}});
  if (!next.empty()) {
    out["next_page_token"] = next;
  }
  return out;
}

} // namespace

void register_files_api_routes(ApiRouter& router, Workspace& workspace) {
  constexpr auto k_slow = http::Cost::slow;
  const std::string file = "/api/2.0/fs/files/{path...}";
  const std::string directory = "/api/2.0/fs/directories/{path...}";
  router.raw("GET", file, [&](ApiCall& call) { return download(workspace, call); });
  router.raw("PUT", file, [&](ApiCall& call) { return upload(workspace, call); }, k_slow);
  router.raw("DELETE", file, [&](ApiCall& call) { return remove_file(workspace, call); }, k_slow);
  router.raw("PUT", directory, [&](ApiCall& call) { return make_directory(workspace, call); }, k_slow);
  router.raw("HEAD", directory, [&](ApiCall& call) { return head_directory(workspace, call); });
  router.raw("DELETE", directory, [&](ApiCall& call) { return remove_directory(workspace, call); }, k_slow);
  router.json("GET", directory, [&](ApiCall& call) { return list_directory(workspace, call); }, k_slow);
  router.not_offered("/api/2.0/fs", "Uploads in parts and download links are not offered by the local workspace: use "
                                    "PUT and GET of /api/2.0/fs/files.");
}

} // namespace pier::server
