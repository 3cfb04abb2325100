#include "cli/bundle/generate/generation.hpp"

#include "bundles/config/includes.hpp"
#include "cli/bundle/bind_resource.hpp"
#include "cli/console.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace pier::cli {

namespace fs = std::filesystem;

namespace {

Error refused(std::string message, ErrorKind kind = ErrorKind::usage) {
  return Error{.kind = kind, .code = "PIER0025", .message = std::move(message)};
}

std::vector<std::string> given(const Arguments& arguments, const std::vector<std::string>& names) {
  std::vector<std::string> found;
  std::copy_if(names.begin(), names.end(), std::back_inserter(found),
               [&](const std::string& name) { return arguments.has(name); });
  return found;
}

} // namespace

Result<std::string> path_between(const fs::path& folder, const fs::path& path) {
  const auto relative = fs::path(clean_path(path)).lexically_relative(clean_path(folder));
  if (relative.empty()) {
    return refused("Rel: can't make " + path.string() + " relative to " + folder.string(), ErrorKind::invalid_argument);
  }
  return relative.generic_string();
}

Result<void> require_option(const Arguments& arguments, const std::string& name) {
  return arguments.has(name) ? Result<void>() : refused("required flag(s) \"" + name + "\" not set");
}

Result<void> require_one_of(const Arguments& arguments, const std::vector<std::string>& names) {
  return given(arguments, names).empty()
             ? refused("at least one of the flags in the group [" + join(names, " ") + "] is required")
             : Result<void>();
}

Result<void> allow_one_of(const Arguments& arguments, const std::vector<std::string>& names) {
  auto found = given(arguments, names);
  if (found.size() < 2) {
    return {};
  }
  std::sort(found.begin(), found.end());
  return refused("if any flags in the group [" + join(names, " ") + "] are set none of the others can be; [" +
                 join(found, " ") + "] were all set");
}

Generation::Generation(const Arguments& arguments, Context& context)
    : arguments_(arguments),
      context_(context),
      flow_(arguments, context) {}

bool Generation::begin() {
  if (!flow_.select()) {
    return false;
  }
  const auto client = flow_.connect();
  if (!client) {
    flow_.tell(client.error());
    return false;
  }
  client_ = *client;
  return true;
}

bool Generation::begin_resolved() {
  if (!flow_.load()) {
    return false;
  }
  client_ = &flow_.session().client;
  return true;
}

std::string Generation::key_for(const std::string& name) const {
  const auto key = arguments_.get("key");
  return key.empty() ? bundles::key_of_name(name) : key;
}

fs::path Generation::folder_in_bundle(std::string_view option, std::string_view fallback) const {
  return clean_path(flow_.bundle()->root / arguments_.get(option, fallback));
}

std::string Generation::name_in_bundle(const fs::path& file) const {
  const auto name = path_between(flow_.bundle()->root, file);
  return name ? *name : file.generic_string();
}

Result<void> Generation::check_free(const fs::path& file, const std::string& shown) const {
  const auto path = context_.cwd / file;
  std::error_code error;
  const auto status = fs::status(path, error);
  if (fs::is_directory(status)) {
    return refused(shown + " is a directory", ErrorKind::invalid_state);
  }
  if (fs::exists(status) && !force()) {
    return refused(shown + " already exists. Use --force to overwrite", ErrorKind::already_exists);
  }
  return {};
}

Result<void> Generation::write(const fs::path& file, std::string_view content, const std::string& shown) const {
  PIER_TRY(make_directories((context_.cwd / file).parent_path()));
  PIER_TRY(check_free(file, shown));
  return write_file_atomically(context_.cwd / file, content);
}

Result<void> Generation::write_config(const bundles::GeneratedResource& resource, const std::string& key,
                                      const fs::path& file, const std::string& shown) const {
  return write(file, bundles::write_resource(resource, key), shown);
}

void Generation::warn_if_not_included(const fs::path& file) {
  const fs::path path = clean_path(context_.cwd / file);
  if (bundles::includes_file(flow_.bundle()->root, path)) {
    return;
  }
  const auto name = name_in_bundle(path);
  const auto pattern = clean_path(fs::path(name).parent_path() / "*.yml");
  Diagnostic warning;
  warning.code = "PIER0026";
  warning.severity = Severity::warning;
  warning.summary = "Generated configuration is not included in the bundle";
  warning.detail = "The file " + name +
                   " is not matched by any pattern in the 'include' section of databricks.yml,\n"
                   "so it will not be deployed. Add a matching entry to the 'include' section, for example:\n\n"
                   "include:\n  - " +
                   pattern;
  flow_.report(std::move(warning));
}

Result<bool> Generation::bind(const std::string& key, const std::string& id) {
  BundleFlow again(arguments_, context_); // with the file that was just written
  if (!again.load()) {
    return false;
  }
  return bind_existing(again, key, id, {.force_lock = false, .approve = {}}, context_.console);
}

OptionSpec key_option() {
  return {.name = "key", .value = "KEY", .help = "key of the resource in the bundle; else its name makes one"};
}

OptionSpec bind_option() {
  return {.name = "bind", .short_name = 'b', .help = "let the next deploy change the existing one", .hidden = true};
}

OptionSpec overwrite_option() {
  return {.name = "force", .short_name = 'f', .help = "overwrite files that are there"};
}

OptionSpec folder_option(std::string name, char short_name, std::string help, std::string folder) {
  return {.name = std::move(name),
          .short_name = short_name,
          .value = "DIR",
          .help = std::move(help),
          .default_value = std::move(folder)};
}

} // namespace pier::cli
