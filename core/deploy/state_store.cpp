#include "core/deploy/state_store.hpp"

#include "core/base/files.hpp"
#include "core/base/log.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <future>

namespace pier::deploy {
namespace {

using workspace_client::WorkspaceFiles;

constexpr std::uint64_t k_max_state = 512ULL * 1024 * 1024;

std::filesystem::path state_file(const model::Bundle& bundle) {
  return local_state_dir(bundle) / "resources.json";
}

std::filesystem::path terraform_file(const model::Bundle& bundle) {
  return local_state_dir(bundle) / "terraform" / "terraform.tfstate";
}

struct Terraform {
  std::int64_t serial = -1;
  std::string lineage;
};

Terraform terraform_of(const std::optional<std::string>& text) {
  if (!text) {
    return {};
  }
  const auto json = Json::parse(*text);
  return json ? Terraform{json->get_integer("serial"), json->get_string("lineage")} : Terraform{};
}

Error not_ours(std::string message) {
  return Error{.kind = ErrorKind::unsupported,
               .code = "PIER2047",
               .message = std::move(message),
               .hint = "move it over once with the official CLI: databricks bundle deployment migrate"};
}

Result<void> check_lineage(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty() || a == b) {
    return {};
  }
  return Error{.kind = ErrorKind::conflict,
               .code = "PIER2046",
               .message = "lineage mismatch in state files: \"" + a + "\" here, \"" + b + "\" in the workspace",
               .hint = "the target was deployed from another folder or removed and made again; if the workspace is "
                       "right, remove .databricks/bundle/TARGET/resources.json"};
}

struct RemoteStates {
  std::optional<std::string> direct;
  std::optional<std::string> terraform;
};

Result<RemoteStates> read_remote(const model::Bundle& bundle, workspace_client::RestClient& client) {
  WorkspaceFiles files(client);
  auto terraform =
      std::async(std::launch::async, [&] { return files.read(bundle.paths.state_path + "/terraform.tfstate"); });
  auto direct = files.read(bundle.paths.state_path + "/resources.json");
  auto other = terraform.get();
  RemoteStates states;
  PIER_TRY_ASSIGN(states.direct, std::move(direct).context("reading the state of the target"));
  PIER_TRY_ASSIGN(states.terraform, std::move(other).context("reading the state of the target"));
  return states;
}

} // namespace

std::filesystem::path local_state_dir(const model::Bundle& bundle) {
  return bundle.root / ".databricks" / "bundle" / bundle.target;
}

Result<void> prepare_local_dir(const model::Bundle& bundle) {
  PIER_TRY(make_directories(local_state_dir(bundle), 0700));
  const auto ignore = bundle.root / ".databricks" / ".gitignore";
  std::error_code error;
  if (!std::filesystem::exists(ignore, error)) {
    PIER_TRY(write_file_atomically(ignore, "*\n", Durability::none));
  }
  return {};
}

Result<PulledState> pull_state(const model::Bundle& bundle, workspace_client::RestClient& client) {
  PIER_TRY_ASSIGN(const auto remote, read_remote(bundle, client));
  PIER_TRY_ASSIGN(auto local, State::open(state_file(bundle)));
  auto serial = local.lineage().empty() ? -1 : local.serial();
  std::int64_t remote_serial = -1;
  if (remote.direct) {
    PIER_TRY_ASSIGN(auto theirs, State::parse(*remote.direct, state_file(bundle)));
    PIER_TRY(check_lineage(local.lineage(), theirs.lineage()));
    remote_serial = theirs.serial();
    if (theirs.serial() > serial) {
      log::info("deploy", "event=state_pulled");
      serial = theirs.serial();
      PIER_TRY(make_directories(local_state_dir(bundle), 0700));
      PIER_TRY(write_file_atomically(state_file(bundle), *remote.direct, Durability::fsync, 0600));
      local = std::move(theirs);
    }
  }
  const auto local_terraform = read_file(terraform_file(bundle), k_max_state);
  for (const auto& other : {terraform_of(remote.terraform),
                            terraform_of(local_terraform ? std::optional(*local_terraform) : std::nullopt)}) {
    if (other.serial > serial) {
      return not_ours("this target was deployed with the Terraform engine, which pier does not have");
    }
  }
  return PulledState{.state = std::move(local), .remote_is_current = serial == remote_serial};
}

Result<State> read_state(const model::Bundle& bundle, workspace_client::RestClient& client) {
  PIER_TRY_ASSIGN(auto local, State::open(state_file(bundle)));
  if (!local.lineage().empty()) {
    return local;
  }
  PIER_TRY_ASSIGN(auto pulled, pull_state(bundle, client));
  return std::move(pulled.state);
}

Result<void> push_state(const model::Bundle& bundle, workspace_client::RestClient& client) {
  auto text = read_file(state_file(bundle), k_max_state);
  if (!text) {
    return text.error().kind == ErrorKind::not_found ? Result<void>() : Result<void>(std::move(text).error());
  }
  return WorkspaceFiles(client)
      .write(bundle.paths.state_path + "/resources.json", *std::move(text))
      .context("saving the state of the target");
}

} // namespace pier::deploy
