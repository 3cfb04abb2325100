#include "core/apps/build/builder.hpp"

#include "core/apps/build/preinstalled.hpp"
#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace fs = std::filesystem;

namespace pier::apps {
namespace {

constexpr std::int64_t k_oldest_node = 20; ///< the platform has 22

bool is_file(const fs::path& path) {
  std::error_code code;
  return fs::is_regular_file(path, code);
}

std::string text_or_empty(const fs::path& path) {
  return read_file(path).value_or(std::string());
}

/// "v20.20.2" → 20; 0 when it does not start.
std::int64_t major_version(const fs::path& node, std::string& version) {
  const auto asked = run_captured({.argv = {node.string(), "--version"}}, {.timeout = std::chrono::seconds(10)});
  std::int64_t major = 0;
  if (asked && asked->status.ok() && asked->standard_output.starts_with('v')) {
    version = std::string(trim(asked->standard_output));
    parse_int64(std::string_view(version).substr(1, version.find('.') - 1), major);
  }
  return major;
}

void put_before_path(Environment& env, const fs::path& folder) {
  env.set("PATH", folder.string() + ":" + env.get("PATH").value_or("/usr/bin:/bin"));
}

} // namespace

Json BuiltApp::to_json() const {
  return Json::object({{"command", Json::strings(command)},
                       {"path", Json::strings(path)},
                       {"virtual_env", virtual_env},
                       {"readable", Json::strings(readable)}});
}

BuiltApp BuiltApp::from_json(const Json& json) {
  return {.command = json.get_strings("command"),
          .path = json.get_strings("path"),
          .virtual_env = json.get_string("virtual_env"),
          .readable = json.get_strings("readable")};
}

Result<BuiltApp> Builder::build(const BuildContext& context, const fs::path& source,
                                const std::vector<std::string>& command) {
  BuiltApp built{.command = command, .readable = {cache_.string()}};
  const bool has_node = is_file(source / "package.json");
  // npm install, then Python, then npm run build: a build script may call Python.
  std::string node_version;
  BuildContext here = context;
  here.writable.push_back(source.string());
  here.writable.push_back(cache_.string());
  if (has_node) {
    PIER_TRY_ASSIGN(const auto node, node_folder(here, node_version));
    built.path.push_back(node.string());
    put_before_path(here.env, node);
    PIER_TRY(install_node_modules(here, source, node_version));
  }
  PIER_TRY(build_python(here, source, built));
  if (has_node) {
    PIER_TRY(build_node(here, source, built));
  }
  return built;
}

Result<fs::path> Builder::node_folder(const BuildContext& context, std::string& version) {
  if (const auto node = find_program("node", context.env); node && major_version(*node, version) >= k_oldest_node) {
    return node->parent_path();
  }
  const auto target = cache_ / "node22";
  const auto node = target / "node_modules" / "node" / "bin" / "node";
  if (!is_file(node)) {
    log_system(context, "this machine's Node.js is older than the platform's: taking node@22 from npm");
    PIER_TRY(make_directories(target, 0700));
    PIER_TRY(run_build_step(context, {"npm", "install", "--prefix", target.string(), "node@22"}, target));
  }
  if (major_version(node, version) < k_oldest_node) {
    return Error{.kind = ErrorKind::invalid_state,
                 .code = "INVALID_STATE",
                 .message = "Node.js 20 or newer is needed and cannot be installed from npm",
                 .hint = "install nodejs 22"};
  }
  return node.parent_path();
}

Result<void> Builder::install_node_modules(const BuildContext& context, const fs::path& source,
                                           const std::string& node_version) {
  const auto lock = text_or_empty(source / "package-lock.json");
  const auto pnpm_lock = text_or_empty(source / "pnpm-lock.yaml");
  const auto key = hex_encode(sha256(node_version + '\0' + text_or_empty(source / "package.json") + '\0' + lock + '\0' +
                                     pnpm_lock + '\0' + text_or_empty(source / ".npmrc")))
                       .substr(0, 32);
  const auto kept = cache_ / "npm" / key / "node_modules";
  std::error_code code;
  if (fs::is_directory(kept, code)) {
    log_system(context, "node_modules " + key.substr(0, 8) + ": as before");
    PIER_TRY(remove_tree(source / "node_modules"));
    return link_tree(kept, source / "node_modules");
  }
  if (!pnpm_lock.empty() && find_program("pnpm", context.env)) {
    return run_build_step(context, {"pnpm", "install", "--frozen-lockfile"}, source);
  }
  PIER_TRY(run_build_step(context, {"npm", lock.empty() ? "install" : "ci", "--include=dev"}, source));
  if (!fs::is_directory(source / "node_modules", code)) {
    return {};
  }
  // Complete under another name first: a kept one is whole or not there.
  const auto fresh = cache_ / "npm" / (key + "." + random_uuid());
  PIER_TRY(make_directories(fresh, 0700));
  PIER_TRY(link_tree(source / "node_modules", fresh / "node_modules"));
  fs::rename(fresh, cache_ / "npm" / key, code);
  if (code) {
    return remove_tree(fresh); // another build was first
  }
  return {};
}

Result<void> Builder::build_node(BuildContext context, const fs::path& source, BuiltApp& built) {
  auto package = Json::parse(text_or_empty(source / "package.json"));
  if (!package) {
    return std::move(package).error().with_context("reading package.json");
  }
  const Json* script = package->find_path({"scripts", "build"});
  if (script == nullptr) {
    return {};
  }
  if (!built.virtual_env.empty()) {
    put_before_path(context.env, fs::path(built.virtual_env) / "bin");
  }
  return run_build_step(context, {"npm", "run", "build"}, source);
}

Result<void> Builder::build_python(const BuildContext& context, const fs::path& source, BuiltApp& built) {
  const bool wants_uv = !built.command.empty() && built.command.front() == "uv";
  const bool has_requirements = is_file(source / "requirements.txt");
  if (!has_requirements && is_file(source / "pyproject.toml") && is_file(source / "uv.lock")) {
    PIER_TRY_ASSIGN(const auto uv, python_.uv(context));
    PIER_TRY(run_build_step(context, {uv.string(), "sync", "--frozen"}, source));
    built.path.insert(built.path.begin(), {(source / ".venv" / "bin").string(), uv.parent_path().string()});
    built.virtual_env = (source / ".venv").string();
    return {};
  }
  if (wants_uv) {
    PIER_TRY_ASSIGN(const auto uv, python_.uv(context));
    built.path.insert(built.path.begin(), uv.parent_path().string());
  }
  const auto requirements = has_requirements ? text_or_empty(source / "requirements.txt") : std::string();
  const auto used = preinstalled_used_by(source, built.command, requirements);
  const bool runs_python = std::any_of(built.command.begin(), built.command.end(), [](const std::string& word) {
    return word == "python" || word == "python3" || word.ends_with(".py");
  });
  if (!has_requirements && used.empty() && !runs_python) {
    return {};
  }
  PIER_TRY_ASSIGN(const auto environment, python_.ensure(context, {join(used, "\n"), requirements}, source));
  built.path.insert(built.path.begin(), (environment / "bin").string());
  built.virtual_env = environment.string();
  return {};
}

Result<void> link_tree(const fs::path& from, const fs::path& to) {
  std::error_code code;
  fs::create_directories(to, code);
  for (fs::recursive_directory_iterator it(from, code), end; !code && it != end; it.increment(code)) {
    const auto target = to / it->path().lexically_relative(from);
    if (it->is_symlink()) {
      fs::copy_symlink(it->path(), target, code);
    } else if (it->is_directory()) {
      fs::create_directory(target, code);
    } else {
      fs::create_hard_link(it->path(), target, code);
    }
  }
  if (code) {
    return Error{.kind = ErrorKind::io,
                 .code = "PIER9002",
                 .message = "cannot copy " + from.filename().string() + ": " + code.message()};
  }
  return {};
}

} // namespace pier::apps
