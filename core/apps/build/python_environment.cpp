#include "core/apps/build/python_environment.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"

namespace fs = std::filesystem;

namespace pier::apps {
namespace {

constexpr const char* k_complete = ".pier-complete";

/// The platform has Python 3.11; the machine's nearest is taken.
Result<fs::path> find_python(const Environment& env) {
  for (const char* name : {"python3.11", "python3"}) {
    if (auto program = find_program(name, env)) {
      return *program;
    }
  }
  return Error{.kind = ErrorKind::invalid_state,
               .code = "INVALID_STATE",
               .message = "Python is needed and is not on PATH",
               .hint = "install python3 and python3-venv"};
}

std::string key_of(const fs::path& python, const std::vector<std::string>& layers, const fs::path& relative_to) {
  std::string text = python.string();
  std::error_code code;
  text += fs::canonical(python, code).string();
  bool local = false;
  for (const auto& layer : layers) {
    text += '\0' + layer;
    for (const auto& line : split(layer, '\n')) {
      const auto word = trim(line);
      local = local || word.starts_with("-r") || word.starts_with("-c") || word.starts_with("-e") ||
              word.starts_with('.') || word.find("./") != std::string_view::npos;
    }
  }
  // Requirements that point at files of the source are of this source only.
  if (local) {
    text += '\0' + relative_to.string();
  }
  return hex_encode(sha256(text)).substr(0, 32);
}

/// pip 22.3 and newer install into another environment (--python), which saves a copy of pip in each.
bool has_modern_pip(const fs::path& python) {
  const auto asked =
      run_captured({.argv = {python.string(), "-m", "pip", "--version"}}, {.timeout = std::chrono::seconds(20)});
  std::int64_t major = 0;
  if (!asked || !asked->status.ok() || !asked->standard_output.starts_with("pip ")) {
    return false;
  }
  const auto version = std::string_view(asked->standard_output).substr(4);
  return parse_int64(version.substr(0, version.find('.')), major) && major >= 23;
}

/// Makes an empty environment; returns the command that installs into it, to be completed by what to install.
Result<std::vector<std::string>> make_venv(const BuildContext& context, const fs::path& python, const fs::path& target,
                                           bool installs) {
  const auto inside = (target / "bin" / "python").string();
  const auto folder = target.parent_path();
  if (const auto uv = find_program("uv", context.env)) {
    PIER_TRY(run_build_step(context, {uv->string(), "venv", "--python", python.string(), target.string()}, folder));
    return std::vector<std::string>{uv->string(), "pip", "install", "--python", inside};
  }
  const bool modern = installs && has_modern_pip(python);
  std::vector<std::string> make = {python.string(), "-m", "venv", target.string()};
  if (modern || !installs) {
    make.emplace_back("--without-pip");
  }
  PIER_TRY(run_build_step(context, make, folder));
  if (modern) {
    return std::vector<std::string>{python.string(), "-m", "pip", "--python", inside, "install"};
  }
  return std::vector<std::string>{inside, "-m", "pip", "install"};
}

} // namespace

Result<fs::path> PythonEnvironments::ensure(const BuildContext& context, const std::vector<std::string>& layers,
                                            const fs::path& relative_to) {
  PIER_TRY(make_directories(folder_, 0700));
  PIER_TRY_ASSIGN(const auto python, find_python(context.env));
  const auto key = key_of(python, layers, relative_to);
  {
    std::unique_lock lock(mutex_);
    if (!free_.wait(lock, context.stop, [&] { return !busy_.contains(key); })) {
      return Error{.kind = ErrorKind::interrupted, .code = "ABORTED", .message = "stopped while building"};
    }
    busy_.insert(key);
  }
  auto made = ensure_alone(context, folder_ / key, layers, relative_to);
  const std::lock_guard lock(mutex_);
  busy_.erase(key);
  free_.notify_all();
  return made;
}

Result<fs::path> PythonEnvironments::ensure_alone(const BuildContext& context, const fs::path& target,
                                                  const std::vector<std::string>& layers, const fs::path& relative_to) {
  std::error_code code;
  if (fs::exists(target / k_complete, code)) {
    log_system(context, "Python environment " + target.filename().string().substr(0, 8) + ": as before");
    return target;
  }
  PIER_TRY(remove_tree(target));
  if (auto made = create(context, target, layers, relative_to); !made) {
    [[maybe_unused]] const auto removed = remove_tree(target);
    return std::move(made).error();
  }
  PIER_TRY(write_file_atomically(target / k_complete, join(layers, "\n---\n")));
  return target;
}

Result<void> PythonEnvironments::create(const BuildContext& context, const fs::path& target,
                                        const std::vector<std::string>& layers, const fs::path& relative_to) {
  PIER_TRY_ASSIGN(const auto python, find_python(context.env));
  PIER_TRY_ASSIGN(const auto installer, make_venv(context, python, target, !trim(join(layers, "")).empty()));
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (trim(layers[i]).empty()) {
      continue;
    }
    // Beside the source, so that relative paths in it mean what they say.
    const auto file = relative_to / (".pier-requirements-" + std::to_string(i) + ".txt");
    PIER_TRY(write_file_atomically(file, layers[i], Durability::none));
    auto argv = installer;
    argv.insert(argv.end(), {"-r", file.string()});
    const auto installed = run_build_step(context, argv, relative_to);
    std::error_code ignored;
    fs::remove(file, ignored);
    PIER_TRY(installed);
  }
  return {};
}

Result<fs::path> PythonEnvironments::uv(const BuildContext& context) {
  if (const auto program = find_program("uv", context.env)) {
    return *program;
  }
  PIER_TRY(make_directories(folder_, 0700));
  PIER_TRY_ASSIGN(const auto tools, ensure(context, {"uv\n"}, folder_));
  return tools / "bin" / "uv";
}

} // namespace pier::apps
