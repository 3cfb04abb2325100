#include "core/deploy/state_files.hpp"

#include "core/base/files.hpp"
#include "core/base/json.hpp"
#include "core/base/json_syntax.hpp"
#include "core/base/text.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>
#include <future>
#include <optional>

namespace pier::deploy {
namespace {

using workspace_client::WorkspaceFiles;

constexpr std::uint64_t k_max_state = 512ULL * 1024 * 1024;
constexpr const char* k_direct = "resources.json";
constexpr const char* k_terraform = "terraform.tfstate";

Result<StateFile> describe_file(std::string path, std::string content, bool is_local, bool is_direct) {
  const auto json = Json::parse(content);
  if (!json) {
    const auto problem = json_syntax_problem(content).value_or(json.error().message);
    return Error{.kind = ErrorKind::invalid_state,
                 .code = "PIER2021",
                 .message =
                     is_local ? "parsing " + path + ": " + problem : "reading " + path + ": parsing state: " + problem,
                 .hint = "remove the file if the other copy, in the workspace or here, is right"};
  }
  return StateFile{.path = std::move(path),
                   .is_local = is_local,
                   .is_direct = is_direct,
                   .serial = json->get_integer("serial"),
                   .lineage = json->get_string("lineage"),
                   .content = std::move(content)};
}

Result<std::optional<StateFile>> read_local(const std::filesystem::path& path, bool is_direct) {
  auto text = read_file(path, k_max_state);
  if (!text) {
    return text.error().kind == ErrorKind::not_found ? Result<std::optional<StateFile>>(std::nullopt)
                                                     : std::move(text).error();
  }
  PIER_TRY_ASSIGN(auto file, describe_file(path.string(), *std::move(text), true, is_direct));
  return std::optional(std::move(file));
}

Result<std::optional<StateFile>> read_remote(const model::Bundle& bundle, workspace_client::RestClient& client,
                                             const std::string& name, bool is_direct) {
  PIER_TRY_ASSIGN(
      auto text,
      WorkspaceFiles(client).read(bundle.paths.state_path + "/" + name).context("opening").context("reading " + name));
  if (!text) {
    return std::optional<StateFile>();
  }
  PIER_TRY_ASSIGN(auto file, describe_file(name, *std::move(text), false, is_direct));
  return std::optional(std::move(file));
}

/// What one side, this machine or the workspace, has of a target.
struct StatePair {
  std::optional<StateFile> direct;
  std::optional<StateFile> terraform;
};

Result<StatePair> read_local_pair(const model::Bundle& bundle) {
  StatePair pair;
  PIER_TRY_ASSIGN(pair.direct, read_local(local_state_file(bundle), true));
  PIER_TRY_ASSIGN(pair.terraform, read_local(bundle.local_dir / "terraform" / k_terraform, false));
  return pair;
}

Result<StatePair> read_remote_pair(const model::Bundle& bundle, workspace_client::RestClient& client) {
  auto other = std::async(std::launch::async, [&] { return read_remote(bundle, client, k_terraform, false); });
  auto direct = read_remote(bundle, client, k_direct, true);
  auto terraform = other.get();
  StatePair pair;
  PIER_TRY_ASSIGN(pair.direct, std::move(direct));
  PIER_TRY_ASSIGN(pair.terraform, std::move(terraform));
  return pair;
}

std::vector<StateFile> sorted(std::initializer_list<std::optional<StateFile>*> candidates) {
  std::vector<StateFile> files;
  for (auto* candidate : candidates) {
    if (candidate->has_value()) {
      files.push_back(**std::move(candidate));
    }
  }
  std::stable_sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.serial < b.serial; });
  return files;
}

Error mismatch(std::string problem, const std::vector<StateFile>& files) {
  std::vector<std::string> lines;
  for (const auto& file : files) {
    lines.push_back("- " + file.describe());
  }
  return Error{.kind = ErrorKind::conflict,
               .code = "PIER2046",
               .message = std::move(problem) + "\n\nAvailable state files:\n" + join(lines, "\n"),
               .hint = "the target was deployed from another folder or removed and made again; if the workspace is "
                       "right, remove the local file"};
}

} // namespace

std::filesystem::path local_state_file(const model::Bundle& bundle) {
  return bundle.local_dir / k_direct;
}

std::string StateFile::describe() const {
  return path + ": " + (is_local ? "local " : "remote ") + (is_direct ? "direct" : "terraform") +
         " state serial=" + std::to_string(serial) + " lineage=" + Json(lineage).dump();
}

Result<std::vector<StateFile>> read_local_state_files(const model::Bundle& bundle) {
  PIER_TRY_ASSIGN(auto local, read_local_pair(bundle));
  return sorted({&local.terraform, &local.direct});
}

Result<std::vector<StateFile>> read_state_files(const model::Bundle& bundle, workspace_client::RestClient& client,
                                                Pull pull) {
  PIER_TRY_ASSIGN(auto local, read_local_pair(bundle));
  if (pull == Pull::without_local_files && (local.direct || local.terraform)) {
    return sorted({&local.terraform, &local.direct});
  }
  PIER_TRY_ASSIGN(auto remote, read_remote_pair(bundle, client));
  return sorted({&remote.terraform, &local.terraform, &remote.direct, &local.direct});
}

Result<void> check_state_files(const std::vector<StateFile>& files) {
  std::int64_t direct = -1;
  std::int64_t terraform = -1;
  for (const auto& file : files) {
    if (file.lineage != files.front().lineage) {
      return mismatch("lineage mismatch in state files", files);
    }
    auto& newest = file.is_direct ? direct : terraform;
    newest = std::max(newest, file.serial);
  }
  if (!files.empty() && direct == terraform) {
    return mismatch("same serial number in terraform and direct states", files);
  }
  return {};
}

} // namespace pier::deploy
