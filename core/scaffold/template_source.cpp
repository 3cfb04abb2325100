#include "core/scaffold/template_source.hpp"

#include "core/base/files.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/git/clone.hpp"
#include "core/git/repository.hpp"
#include "core/scaffold/embedded_templates.hpp"
#include "core/scaffold/published_templates.hpp"

#include <algorithm>
#include <array>
#include <system_error>

namespace pier::scaffold {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t k_max_files = 2000;
constexpr std::uint64_t k_max_file = 10ULL * 1024 * 1024;
constexpr std::string_view k_schema_file = "databricks_template_schema.json";

constexpr std::array<BuiltinTemplate, 2> k_builtins{{
    {"fullstack", "React, FastAPI and Lakebase, with a job that prepares the data"},
    {"streamlit", "Streamlit over a Delta table through a SQL warehouse"},
}};

Error refused(ErrorKind kind, std::string message, std::string hint) {
  return Error{.kind = kind, .code = "PIER5008", .message = std::move(message), .hint = std::move(hint)};
}

bool is_git_url(std::string_view name) {
  static constexpr std::array<std::string_view, 6> k_schemes{"https://", "http://", "ssh://",
                                                             "git://",   "git@",    "file://"};
  return std::any_of(k_schemes.begin(), k_schemes.end(),
                     [&](std::string_view scheme) { return name.starts_with(scheme); });
}

TemplateSource builtin(std::string_view name) {
  TemplateSource out{.name = std::string(name)};
  const auto prefix = std::string(name) + "/";
  for (const auto& file : embedded_files()) {
    if (file.path.starts_with(prefix)) {
      out.files.emplace(file.path.substr(prefix.size()), TemplateFileContent{std::string(file.content)});
    }
  }
  return out;
}

std::vector<std::string> builtin_names() {
  std::vector<std::string> names;
  for (const auto& known : k_builtins) {
    names.emplace_back(known.name);
  }
  return names;
}

Result<void> add_entry(TemplateSource& out, const fs::directory_entry& entry, const std::string& path) {
  std::error_code error;
  if (entry.is_symlink(error)) {
    return {};
  }
  if (entry.is_directory(error)) {
    if (fs::is_empty(entry.path(), error) && !error) {
      out.empty_folders.push_back(path);
    }
    return {};
  }
  if (!entry.is_regular_file(error)) {
    return {};
  }
  if (out.files.size() >= k_max_files) {
    return refused(ErrorKind::too_large, "the template " + out.name + " has more than 2,000 files", "");
  }
  PIER_TRY_ASSIGN(auto content, read_file(entry.path(), k_max_file));
  const auto mode = entry.status(error).permissions();
  out.files.emplace(path, TemplateFileContent{std::move(content), (mode & fs::perms::owner_exec) != fs::perms::none});
  return {};
}

Result<TemplateSource> read_folder(const fs::path& folder, std::string name) {
  TemplateSource out{.name = std::move(name)};
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const auto path = at->path().lexically_relative(folder).generic_string();
    if (path == ".git" && at->is_directory(error)) {
      at.disable_recursion_pending();
      continue;
    }
    PIER_TRY(add_entry(out, *at, path).context("reading template " + out.name));
  }
  if (error) {
    return error_from_errno(error.value(), "reading template " + out.name);
  }
  return out;
}

Result<void> check_has_files(const TemplateSource& source) {
  const auto first = source.files.lower_bound("template/");
  const bool has_files = first != source.files.end() && first->first.starts_with("template/");
  const auto& folders = source.empty_folders;
  const bool has_folders = std::any_of(folders.begin(), folders.end(), [](const std::string& folder) {
    return folder == "template" || folder.starts_with("template/");
  });
  return has_files || has_folders ? Result<void>()
                                  : refused(ErrorKind::invalid_argument,
                                            "the folder " + source.name + " is no template: it has no template/",
                                            "put what the template makes into a folder template/ beside its schema");
}

/// Only beside a template of a collection there is a folder "common" that is none itself.
Result<decltype(TemplateSource::shared_library)> read_shared_library(const fs::path& folder) {
  const auto common = (folder / ".." / "common").lexically_normal();
  std::error_code error;
  if (!fs::is_directory(common / "library", error) || fs::exists(common / k_schema_file, error)) {
    return decltype(TemplateSource::shared_library)();
  }
  PIER_TRY_ASSIGN(auto shared, read_folder(common / "library", "common/library"));
  return std::move(shared.files);
}

Result<TemplateSource> clone_template(const TemplateRequest& request) {
  PIER_TRY_ASSIGN(const auto temporary, TempDirectory::create("pier-template"));
  const auto clone = temporary.path() / "clone";
  PIER_TRY(git::fetch_repository(
      request.name, clone,
      {.reference = request.branch, .env = request.env, .official_words = request.official_words}));
  PIER_TRY_ASSIGN(const auto folder, resolve_inside(clone, request.folder));
  return read_template_folder(folder, git::without_credentials(request.name));
}

Result<TemplateSource> fetch_published(const PublishedTemplate& known, const TemplateRequest& request) {
  auto fetched = clone_template({.name = std::string(known.url),
                                 .cwd = request.cwd,
                                 .branch = std::string(known.tag),
                                 .folder = std::string(known.folder),
                                 .env = request.env});
  if (!fetched) {
    auto error = std::move(fetched).error();
    error.message = "the template " + request.name + " is not part of pier and could not be fetched: " + error.message;
    error.hint = "connect to the network, or name a folder that has it; pier's own templates need no network: " +
                 join(builtin_names(), ", ");
    return error;
  }
  fetched->name = request.name;
  return fetched;
}

} // namespace

std::span<const BuiltinTemplate> builtin_templates() {
  return k_builtins;
}

Result<TemplateSource> read_template_folder(const fs::path& folder, std::string name) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return refused(ErrorKind::not_found, "there is no folder " + name, "pier init --list shows the built-in templates");
  }
  if (!fs::is_regular_file(folder / k_schema_file, error)) {
    return refused(ErrorKind::not_found,
                   "the folder " + name + " is no template: it has no " + std::string(k_schema_file),
                   "pier init --list shows the built-in templates");
  }
  PIER_TRY_ASSIGN(auto out, read_folder(folder, std::move(name)));
  PIER_TRY_ASSIGN(out.shared_library, read_shared_library(folder));
  // template_dir: the schema is here, the files are elsewhere.
  const auto& schema = out.files.find(k_schema_file)->second.content;
  const auto parsed = Json::parse(schema);
  const auto elsewhere = parsed ? parsed->get_string("template_dir") : std::string();
  if (!elsewhere.empty()) {
    PIER_TRY_ASSIGN(auto other, read_folder(folder / elsewhere, elsewhere));
    other.name = out.name;
    other.shared_library = std::move(out.shared_library);
    PIER_TRY(check_has_files(other));
    other.files.insert_or_assign(std::string(k_schema_file), TemplateFileContent{schema});
    return other;
  }
  PIER_TRY(check_has_files(out));
  return out;
}

Result<TemplateSource> find_template(const TemplateRequest& request) {
  if (is_git_url(request.name)) {
    return clone_template(request);
  }
  if (!request.branch.empty()) {
    return refused(ErrorKind::usage, "only a Git repository has branches, not \"" + request.name + "\"",
                   "leave out --branch");
  }
  for (const auto& known : k_builtins) {
    if (request.name == known.name) {
      return builtin(request.name);
    }
  }
  if (const auto* known = find_published(request.name)) {
    return fetch_published(*known, request);
  }
  std::error_code error;
  const auto folder = request.cwd / request.name;
  if (request.name.find('/') != std::string::npos || fs::is_directory(folder, error)) {
    PIER_TRY_ASSIGN(const auto inside, resolve_inside(folder, request.folder));
    return read_template_folder(inside, request.name);
  }
  auto names = builtin_names();
  for (const auto& known : published_templates()) {
    names.emplace_back(known.name);
  }
  const auto guess = nearest(request.name, names);
  return refused(ErrorKind::not_found, "there is no template \"" + request.name + "\"",
                 guess.empty() ? "pier init --list shows the built-in templates" : "did you mean \"" + guess + "\"?");
}

} // namespace pier::scaffold
