#include "core/deploy/deployment_record.hpp"

#include "core/base/clock.hpp"
#include "core/base/digest.hpp"
#include "core/base/files.hpp"
#include "core/base/member_order.hpp"
#include "core/deploy/state_store.hpp"
#include "core/deploy/sync_snapshot.hpp"
#include "core/deploy/version.hpp"
#include "core/workspace_client/workspace_client.hpp"

namespace pier::deploy {
namespace {

using workspace_client::WorkspaceFiles;

constexpr std::int64_t k_format = 1;
constexpr std::string_view k_file = "deployment.json";

std::filesystem::path local_file(const model::Bundle& bundle) {
  return bundle.local_dir / k_file;
}

std::string remote_file(const model::Bundle& bundle) {
  return bundle.paths.state_path + "/" + std::string(k_file);
}

Json load_local(const model::Bundle& bundle) {
  const auto text = read_file(local_file(bundle));
  auto json = text ? Json::parse(*text) : Result<Json>(Json());
  return json && json->is_object() ? std::move(json).value() : Json::object();
}

/// What the list says, with a time that no file has.
SyncSnapshot snapshot_of(const Json& record) {
  SyncSnapshot snapshot;
  if (const auto* files = record.find("files"); files != nullptr && files->is_array()) {
    for (const auto& file : files->as_array()) {
      const auto path = file.get_string("local_path");
      const auto remote = file.get_bool("is_notebook") ? without_notebook_extension(path) : path;
      snapshot.files.emplace(path, SyncSnapshot::Entry{0, remote});
    }
  }
  return snapshot;
}

} // namespace

std::string local_deployment_id(const model::Bundle& bundle) {
  return load_local(bundle).get_string("id");
}

Result<Json> read_deployment_record(const model::Bundle& bundle, workspace_client::RestClient& client) {
  PIER_TRY_ASSIGN(const auto text, WorkspaceFiles(client).read(remote_file(bundle)));
  return text ? Json::parse(*text).context("reading deployment.json") : Result<Json>(Json());
}

Result<void> pull_deployment_record(const model::Bundle& bundle, workspace_client::RestClient& client) {
  PIER_TRY_ASSIGN(const auto remote, read_deployment_record(bundle, client));
  if (remote.is_null()) {
    return {};
  }
  if (remote.get_integer("version") > k_format) {
    return Error{.kind = ErrorKind::unsupported,
                 .code = "PIER2048",
                 .message = "remote deployment state is incompatible with the current version of the CLI, please "
                            "upgrade to at least " +
                            remote.get_string("cli_version")};
  }
  const auto local = load_local(bundle);
  if (!local.is_empty() && local.get_integer("seq") >= remote.get_integer("seq")) {
    return {};
  }
  PIER_TRY(make_directories(bundle.local_dir, 0700));
  PIER_TRY(write_file_atomically(local_file(bundle), remote.dump(), Durability::none, 0600));
  return snapshot_of(remote).save(snapshot_path(bundle.local_dir, client.host(), bundle.paths.file_path), client.host(),
                                  bundle.paths.file_path);
}

Result<void> push_deployment_record(const model::Bundle& bundle, const std::vector<LocalFile>& files,
                                    workspace_client::RestClient& client) {
  const auto last = load_local(bundle);
  auto list = Json::array();
  for (const auto& file : files) {
    list.push_back(Json::object({{"local_path", file.path}, {"is_notebook", file.is_notebook}}));
  }
  const auto record = Json::object({{"version", k_format},
                                    {"seq", last.get_integer("seq") + 1},
                                    {"cli_version", std::string(k_cli_version)},
                                    {"timestamp", to_rfc3339(SystemClock().now())},
                                    {"files", std::move(list)},
                                    {"id", last.get_string("id", random_uuid())}});
  const auto text = record.dump();
  PIER_TRY(write_file_atomically(local_file(bundle), text, Durability::none, 0600));
  return WorkspaceFiles(client).write(remote_file(bundle), text);
}

Result<void> push_metadata(const model::Bundle& bundle, const State& state, workspace_client::RestClient& client) {
  auto git = Json::object();
  if (const auto* known = bundle.config.find_path({"bundle", "git"}); known != nullptr && known->is_object()) {
    for (const auto* field : {"branch", "origin_url", "commit", "bundle_root_path"}) {
      if (const auto value = known->get_string(field); !value.empty()) {
        git[field] = value;
      }
    }
  }
  auto about = Json::object({{"name", bundle.name}, {"target", bundle.target}, {"git", std::move(git)}});
  if (!bundle.mode.empty()) {
    about["mode"] = bundle.mode;
  }
  auto resources = Json::object();
  for (const auto& [key, node] : bundle.graph.nodes) {
    const bool listed = key.kind == "jobs" || key.kind == "pipelines" || key.kind == "dashboards";
    if (!listed || key.is_part()) {
      continue;
    }
    auto entry = Json::object({{"relative_path", node.span.file}});
    if (const auto id = state.id_of(key.to_string()); !id.empty()) {
      entry["id"] = id;
    }
    resources[key.kind][key.key] = std::move(entry);
  }
  const auto metadata =
      Json::object({{"version", k_format},
                    {"config", Json::object({{"bundle", std::move(about)},
                                             {"workspace", Json::object({{"file_path", bundle.paths.file_path}})},
                                             {"resources", std::move(resources)},
                                             {"presets", Json::object({{"source_linked_deployment", false}})}})},
                    {"extra", Json::object()}});
  const MemberOrder order{
      .first = {"version"},
      .below = {{"config", MemberOrder{.first = {"bundle", "workspace", "resources", "presets"},
                                       .below = {{"bundle", MemberOrder{.first = {"name", "target", "mode", "git"},
                                                                        .below = {}}}}}}}};
  return WorkspaceFiles(client).write(bundle.paths.state_path + "/metadata.json",
                                      dump_ordered(metadata, order, 2, true));
}

} // namespace pier::deploy
