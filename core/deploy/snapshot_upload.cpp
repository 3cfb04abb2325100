#include "core/deploy/snapshot_upload.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/deploy/experiments.hpp"
#include "core/deploy/kind.hpp"
#include "core/deploy/zip_archive.hpp"

#include <algorithm>
#include <array>

namespace pier::deploy {
namespace {

constexpr std::uint64_t k_max_file = 1024ULL * 1024 * 1024;

Json readers(const model::Bundle& bundle, const model::CurrentUser& user) {
  auto list = Json::array({Json::object({{"user_name", user.user_name}, {"permission_level", "CAN_READ"}})});
  for (const auto& permission : bundle.permissions.is_array() ? bundle.permissions.as_array() : Json::Array()) {
    auto reader = pick(permission, {"user_name", "group_name", "service_principal_name"});
    reader["permission_level"] = "CAN_READ";
    list.push_back(std::move(reader));
  }
  return list;
}

std::string digest_of(std::string_view bytes) {
  return hex_encode(sha256(bytes));
}

Result<std::string> pack(const Snapshot& snapshot, const Json& access) {
  ZipArchive archive;
  auto files = snapshot.files;
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  for (const auto& file : files) {
    PIER_TRY_ASSIGN(const auto content, read_file(file.source, k_max_file));
    archive.add("files/" + file.path, content);
  }
  for (const auto& library : snapshot.libraries) {
    PIER_TRY_ASSIGN(const auto content, read_file(library.source, k_max_file));
    archive.add("artifacts/.internal/" + library.source.filename().string(), content);
  }
  // Who may read a snapshot cannot be changed later: other readers make another snapshot.
  archive.add(".databricks/snapshot-metadata.json",
              Json::object({{"permissions_hash", digest_of(access.dump())}}).dump());
  return std::move(archive).finish();
}

struct Part {
  std::string name;
  std::string content;
  std::string head; ///< further lines of its head
};

std::string multipart_body(std::span<const Part> parts, const std::string& boundary) {
  std::string body;
  for (const auto& part : parts) {
    body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + part.name + "\"" + part.head +
            "\r\n\r\n" + part.content + "\r\n";
  }
  return body + "--" + boundary + "--\r\n";
}

void replace_texts(Json& value, std::span<const std::pair<std::string, std::string>> replacements) {
  if (value.is_string()) {
    auto text = value.as_string();
    for (const auto& [from, to] : replacements) {
      text = replace_all(std::move(text), from, to);
    }
    value = Json(std::move(text));
  } else if (value.is_object()) {
    for (auto& [name, member] : value.as_object()) {
      replace_texts(member, replacements);
    }
  } else if (value.is_array()) {
    for (auto& item : value.as_array()) {
      replace_texts(item, replacements);
    }
  }
}

} // namespace

bool has_immutable_folder(const model::Bundle& bundle) {
  return has_experiment(bundle, "immutable_folder");
}

Result<std::string> upload_snapshot(const model::Bundle& bundle, const model::CurrentUser& user,
                                    const Snapshot& snapshot, workspace_client::RestClient& client) {
  const auto access = readers(bundle, user);
  PIER_TRY_ASSIGN(auto archive, pack(snapshot, access).context("failed to build snapshot zip"));
  const auto boundary = "pier-" + random_uuid();
  const auto id = digest_of(archive);
  const std::array parts = {
      Part{"snapshot_id", id, {}}, Part{"bundle_id", snapshot.deployment, {}},
      Part{"access_control_list", access.dump(), {}},
      Part{"file", std::move(archive), "; filename=\"snapshot.zip\"\r\nContent-Type: application/zip"}};
  workspace_client::RestRequest request;
  request.method = "POST";
  request.path = "/api/2.0/repos/snapshots";
  request.body = multipart_body(parts, boundary);
  request.content_type = "multipart/form-data; boundary=" + boundary;
  PIER_TRY_ASSIGN(const auto answer, client.call(request).context("snapshot upload"));
  const auto* path = answer.find_path({"snapshot", "path"});
  return path != nullptr && path->is_string() ? path->as_string() : std::string();
}

void settle_snapshot_path(model::Bundle& bundle, const std::string& path, bool has_libraries) {
  bundle.paths.file_path = path + "/files";
  if (has_libraries) {
    bundle.paths.artifact_path = path + "/artifacts";
  }
  const std::array replacements = {
      std::pair<std::string, std::string>{"${workspace.snapshot_path}", path},
      std::pair<std::string, std::string>{"${workspace.file_path}", bundle.paths.file_path},
      std::pair<std::string, std::string>{"${workspace.artifact_path}", bundle.paths.artifact_path},
  };
  for (auto& [key, node] : bundle.graph.nodes) {
    replace_texts(node.config, replacements);
  }
}

} // namespace pier::deploy
