#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>

namespace pier::workspace_client {
namespace {

constexpr std::string_view k_workspace = "/api/2.0/workspace/";

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

http::Query path_query(const std::string& path) {
  http::Query query;
  query.add("path", path);
  return query;
}

/// A write that is forbidden names the file.
Error without_access(Error error, const std::string& path) {
  if (error.kind == ErrorKind::permission_denied) {
    error.message = "access denied: " + path;
  }
  return error;
}

std::string operation(std::string_view name) {
  return std::string(k_workspace) + std::string(name);
}

} // namespace

std::string encode_segment(std::string_view text) {
  // Go's url.PathEscape leaves these as they are, and people compare the endpoints in messages.
  static constexpr std::string_view k_kept = "$&+=:@";
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(k_kept), text.size());
    out += percent_encode(text.substr(0, end));
    if (end < text.size()) {
      out += text[end];
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

Result<std::optional<ObjectStatus>> WorkspaceFiles::status(const std::string& path) {
  auto answer = client_.get(operation("get-status"), path_query(path));
  if (!answer) {
    if (answer.error().kind == ErrorKind::not_found) {
      return std::optional<ObjectStatus>();
    }
    return std::move(answer).error();
  }
  return std::optional(ObjectStatus{.path = answer->get_string("path"),
                                    .type = answer->get_string("object_type"),
                                    .object_id = answer->get_integer("object_id")});
}

Result<void> WorkspaceFiles::make_directories(const std::string& path) {
  PIER_TRY(client_.post(operation("mkdirs"), Json::object({{"path", path}})));
  return {};
}

Result<void> WorkspaceFiles::import_file(const std::string& path, std::string content, bool overwrite) {
  const auto begin = path.find_first_not_of('/');
  RestRequest request;
  request.method = "POST";
  request.path = "/api/2.0/workspace-files/import-file/" +
                 encode_segment(std::string_view(path).substr(begin == std::string::npos ? path.size() : begin));
  request.query.add("overwrite", overwrite ? "true" : "false");
  request.body = std::move(content);
  auto result = client_.send(request);
  if (!result) {
    auto error = std::move(result).error();
    // A notebook in the way is told with 400 and the same words.
    if (error.message.find("already exists") != std::string::npos) {
      error.kind = ErrorKind::already_exists;
    }
    return without_access(std::move(error), path);
  }
  return {};
}

Result<void> WorkspaceFiles::write(const std::string& path, std::string content, bool overwrite) {
  auto written = import_file(path, content, overwrite);
  if (written || written.error().kind != ErrorKind::not_found) {
    return written;
  }
  if (auto made = make_directories(parent_of(path)); !made) {
    return without_access(std::move(made).error(), path);
  }
  return import_file(path, std::move(content), overwrite);
}

Result<std::optional<std::string>> WorkspaceFiles::read(const std::string& path) {
  auto query = path_query(path);
  query.add("return_export_info", "true");
  auto status = client_.get(operation("get-status"), std::move(query));
  if (!status && status.error().kind == ErrorKind::not_found) {
    return std::optional<std::string>();
  }
  PIER_TRY_ASSIGN(const auto found, std::move(status));
  if (found.get_string("object_type") == "DIRECTORY") {
    return Error{.kind = ErrorKind::invalid_argument, .code = "PIER2012", .message = path + " is a folder, not a file"};
  }
  auto export_query = path_query(path);
  export_query.add("direct_download", "true");
  PIER_TRY_ASSIGN(auto response,
                  client_.send(RestRequest{.path = operation("export"), .query = std::move(export_query)}));
  return std::optional(std::move(response.body));
}

Result<void> WorkspaceFiles::remove(const std::string& path, bool recursive) {
  auto body = Json::object({{"path", path}});
  if (recursive) {
    body["recursive"] = true;
  }
  PIER_TRY(client_.post(operation("delete"), std::move(body)));
  return {};
}

namespace {

std::string files_path(const std::string& path) {
  return "/api/2.0/fs/files" + percent_encode(path, true);
}

std::string directories_path(const std::string& path) {
  return "/api/2.0/fs/directories" + percent_encode(path, true);
}

} // namespace

Result<void> VolumeFiles::upload(const std::string& path, const std::filesystem::path& file, bool overwrite) {
  RestRequest request{.method = "PUT", .path = files_path(path), .body_file = file};
  request.query.add("overwrite", overwrite ? "true" : "false");
  request.timeout = std::chrono::minutes(60);
  PIER_TRY(client_.send(request));
  return {};
}

Result<void> VolumeFiles::download(const std::string& path, const std::filesystem::path& file) {
  RestRequest request{.path = files_path(path), .download_to = file};
  request.timeout = std::chrono::minutes(60);
  PIER_TRY(client_.send(request));
  return {};
}

Result<void> VolumeFiles::make_directories(const std::string& path) {
  PIER_TRY(client_.send(RestRequest{.method = "PUT", .path = directories_path(path)}));
  return {};
}

Result<void> VolumeFiles::remove(const std::string& path) {
  PIER_TRY(client_.send(RestRequest{.method = "DELETE", .path = files_path(path)}));
  return {};
}

Result<std::vector<Json>> VolumeFiles::list(const std::string& path) {
  return client_.list(directories_path(path), "contents");
}

} // namespace pier::workspace_client
