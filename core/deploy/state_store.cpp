#include "core/deploy/state_store.hpp"

#include "core/base/files.hpp"
#include "core/base/log.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>

namespace pier::deploy {
namespace {

using workspace_client::WorkspaceFiles;

constexpr std::uint64_t k_max_state = 512ULL * 1024 * 1024;

Error deployed_with_terraform() {
  return Error{.kind = ErrorKind::unsupported,
               .code = "PIER2047",
               .message = "this target was deployed with the Terraform engine, which pier does not have",
               .hint = "move it over once with the official CLI: databricks bundle deployment migrate"};
}

} // namespace

Result<void> prepare_local_dir(const std::filesystem::path& root, const std::filesystem::path& local_dir) {
  PIER_TRY(make_directories(local_dir, 0700));
  const auto ignore = root / ".databricks" / ".gitignore";
  std::error_code error;
  if (std::filesystem::exists(ignore.parent_path(), error) && !std::filesystem::exists(ignore, error)) {
    PIER_TRY(write_file_atomically(ignore, "*\n", Durability::none));
  }
  return {};
}

Result<PulledState> pull_state(const model::Bundle& bundle, workspace_client::RestClient& client, Observer& observer,
                               Pull pull) {
  PIER_TRY_ASSIGN(const auto files, read_state_files(bundle, client, pull));
  PIER_TRY(check_state_files(files));
  if (!files.empty() && !files.back().is_direct) {
    return deployed_with_terraform();
  }
  if (!files.empty() && !files.back().is_local) {
    log::info("deploy", "event=state_pulled");
    PIER_TRY(make_directories(bundle.local_dir, 0700));
    PIER_TRY(write_file_atomically(local_state_file(bundle), files.back().content, Durability::fsync, 0600));
  }
  PIER_TRY_ASSIGN(auto state, State::open(local_state_file(bundle)));
  for (const auto& remark : state.remarks()) {
    observer.on_event(Event{.type = Event::Type::warning, .text = remark});
  }
  const bool current = std::any_of(files.begin(), files.end(), [&](const StateFile& file) {
    return file.is_direct && !file.is_local && file.serial == state.serial();
  });
  return PulledState{.state = std::move(state), .remote_is_current = current};
}

Result<void> push_state(const model::Bundle& bundle, workspace_client::RestClient& client) {
  auto text = read_file(local_state_file(bundle), k_max_state);
  if (!text) {
    return text.error().kind == ErrorKind::not_found ? Result<void>() : Result<void>(std::move(text).error());
  }
  return WorkspaceFiles(client).write(bundle.paths.state_path + "/resources.json", *std::move(text));
}

} // namespace pier::deploy
