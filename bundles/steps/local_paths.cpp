#include "bundles/config/path.hpp"
#include "bundles/config/quotes.hpp"
#include "bundles/steps/libraries.hpp"
#include "bundles/steps/notebook.hpp"
#include "bundles/steps/path_sites.hpp"
#include "bundles/steps/steps.hpp"

#include <array>
#include <utility>
#include <vector>

namespace pier::bundles {
namespace {

namespace fs = std::filesystem;

bool is_remote(const std::string& path) {
  return path.starts_with('/') || !url_scheme(path).empty();
}

/// A reference to a resource stands where the fields of a path belong. True: the official CLI stops here.
bool report_misfits(Loading& loading, const std::vector<FieldSites>& found) {
  for (const auto& field : found) {
    if (field.misfit) {
      const auto& [path, value] = *field.misfit;
      loading.error("PIER1013",
                    "failed to normalize paths: expected a map to index \"" + path + "\", found " +
                        std::string(kind_word(value->kind())),
                    loading.extra(value), {}, "write its fields out");
      if (loading.options.compatible) {
        return true;
      }
    }
  }
  return false;
}

fs::path folder_of(const Value& value) {
  return value.place().known() ? fs::path(*value.place().file).parent_path() : fs::path();
}

/// What became of a path: the new text, or why it cannot be used.
struct Translation {
  std::string text;
  std::string problem;
  std::string help;
};

/// Where the files of the bundle will be found.
std::string remote_root_of(Loading& loading) {
  if (has_immutable_folder(loading.config)) {
    return "${workspace.snapshot_path}/files";
  }
  const Value* linked = loading.config.find_path({"presets", "source_linked_deployment"});
  if (linked != nullptr && linked->is_boolean() && linked->as_boolean()) {
    return loading.sync_root.generic_string();
  }
  return loading.config.member("workspace").text_of("file_path");
}

class Translator {
 public:
  explicit Translator(Loading& loading)
      : loading_(loading),
        remote_root_(remote_root_of(loading)) {}

  void translate(const Site& site);

  [[nodiscard]] bool failed() const { return failed_; }

  /// Writes what was translated into the configuration.
  void apply();

 private:
  Translation translate_in(const fs::path& folder, const std::string& path, PathMode mode) const;
  Translation notebook(const fs::path& full, const std::string& path, const std::string& below) const;

  [[nodiscard]] std::string remote(const std::string& below) const { return clean_path(remote_root_ + "/" + below); }

  void report(const Site& site, const Translation& failed, const std::string& path);

  Loading& loading_;
  std::string remote_root_;
  std::vector<std::pair<Value*, std::string>> translated_;
  bool failed_ = false;
};

Translation fail(std::string problem, std::string help = {}) {
  return {{}, std::move(problem), std::move(help)};
}

Translation Translator::notebook(const fs::path& full, const std::string& path, const std::string& below) const {
  switch (sort_of_file(full)) {
  case FileSort::notebook: return {remote(without_notebook_extension(below)), {}, {}};
  case FileSort::file: return fail("file at " + full.generic_string() + " is not a notebook");
  case FileSort::folder:
    return fail("unable to determine if " + clean_path(full) + " is a notebook: read " +
                loading_.sync_root.generic_string() + "/" + below + ": is a directory");
  case FileSort::missing: break;
  }
  if (!full.extension().empty()) {
    return fail("notebook " + path + " not found", "correct the path, or create the file");
  }
  constexpr std::string_view k_extensions = "[.py, .r, .scala, .sql, .ipynb]";
  const auto quoted = in_quotes(path);
  for (const std::string_view extension : {".py", ".r", ".scala", ".sql", ".ipynb"}) {
    auto with_extension = full;
    with_extension += extension;
    if (sort_of_file(with_extension) != FileSort::missing) {
      const auto better = in_quotes(path + std::string(extension));
      return fail("notebook " + quoted + " not found. Did you mean " + better +
                  "?\nLocal notebook references are expected to contain one of the following\nfile extensions: " +
                  std::string(k_extensions));
    }
  }
  return fail("notebook " + quoted +
              " not found. Local notebook references are expected\nto contain one of the following file extensions: " +
              std::string(k_extensions));
}

Translation Translator::translate_in(const fs::path& folder, const std::string& path, PathMode mode) const {
  const fs::path full = (folder / path).lexically_normal();
  const auto below = clean_path(full.lexically_relative(loading_.sync_root));
  const bool outside = below == ".." || below.starts_with("../");
  const bool may_be_outside = mode == PathMode::local || mode == PathMode::local_dotted || mode == PathMode::pip_flag;
  if (outside && !may_be_outside && mode != PathMode::local_folder) {
    return fail("path " + clean_path(full) + " is not contained in sync root path",
                "move it below the bundle, or add its folder to sync.paths");
  }
  switch (mode) {
  case PathMode::notebook: return notebook(full, path, below);
  case PathMode::glob: return {remote(below), {}, {}};
  case PathMode::local: return {below, {}, {}};
  case PathMode::local_dotted: return {below.starts_with('.') ? below : "./" + below, {}, {}};
  default: break;
  }
  const auto sort = sort_of_file(full);
  if (mode == PathMode::folder) {
    if (sort == FileSort::missing) {
      return fail("stat " + below + ": no such file or directory", "create the folder, or correct the path");
    }
    return sort == FileSort::folder ? Translation{remote(below), {}, {}}
                                    : fail(full.generic_string() + " is not a directory");
  }
  if (mode == PathMode::local_folder) {
    if (sort == FileSort::missing) {
      return fail("directory " + path + " not found", "create the folder, or correct the path");
    }
    return sort == FileSort::folder ? Translation{clean_path(full), {}, {}}
                                    : fail("expected " + path + " to be a directory but found a file");
  }
  switch (sort) {
  case FileSort::missing: return fail("file " + path + " not found", "correct the path, or create the file");
  case FileSort::notebook: return fail("file at " + full.generic_string() + " is a notebook");
  default: return {remote(below), {}, {}};
  }
}

void Translator::translate(const Site& site) {
  std::string path = site.value.as_text();
  std::string flag;
  if (auto pip = local_pip_flag(path); pip && site.field.mode == PathMode::pip_flag) {
    path = pip->path;
    flag = pip->flag + " ";
  }
  if (is_remote(path) || path.find("${") != std::string::npos) {
    return;
  }
  auto done = translate_in(loading_.root, path, site.field.mode);
  if (done.problem.empty()) {
    translated_.emplace_back(&site.value, flag + done.text);
    return;
  }
  report(site, done, path);
}

void Translator::apply() {
  for (auto& [value, text] : translated_) {
    value->assign(std::move(text));
  }
}

void Translator::report(const Site& site, const Translation& failed, const std::string& path) {
  const bool has_fallback = site.field.section == "resources.jobs" || site.field.section == "resources.pipelines";
  if (has_fallback) {
    const auto written = clean_path(fs::path(path).lexically_relative(folder_of(site.value)));
    const auto folder = loading_.root / folder_of(site.owner.value);
    auto done = translate_in(folder, written, site.field.mode);
    if (done.problem.empty()) {
      loading_.error("PIER1091",
                     "path " + written + " is defined relative to the " + folder.lexically_normal().generic_string() +
                         " directory (" + (loading_.root / site.value.place().to_span().to_string()).string() +
                         "). Please update the path to be relative to the file where it is defined or use earlier "
                         "version of CLI (0.261.0 or earlier).",
                     &site.value);
      translated_.emplace_back(&site.value, std::move(done.text));
      return;
    }
  }
  failed_ = true;
  auto summary = failed.problem;
  if (summary.ends_with("is a notebook")) {
    summary = "expected a file for \"" + path_of(site) + "\" but got a notebook: " + summary;
  } else if (summary.ends_with("is not a notebook")) {
    summary = "expected a notebook for \"" + path_of(site) + "\" but got a file: " + summary;
  }
  loading_.error("PIER1090", std::move(summary), loading_.extra(&site.value),
                 loading_.options.compatible ? "" : path_of(site), failed.help);
}

} // namespace

void root_local_paths(Loading& loading) {
  const auto found = find_path_sites(loading);
  if (report_misfits(loading, found)) {
    return;
  }
  for_each_site(found, [](const Site& site) {
    std::string path = site.value.as_text();
    std::string flag;
    if (auto pip = local_pip_flag(path); pip && site.field.mode == PathMode::pip_flag) {
      path = pip->path;
      flag = pip->flag + " ";
    }
    if (is_remote(path) || path.find("${") != std::string::npos) {
      return;
    }
    site.value.assign(flag + clean_path(folder_of(site.value) / path));
  });
}

bool has_immutable_folder(const Value& config) {
  const Value* flag = config.find_path({"experimental", "immutable_folder"});
  return flag != nullptr && flag->is_boolean() && flag->as_boolean();
}

void translate_local_paths(Loading& loading) {
  const Value* file_path = loading.config.find_path({"workspace", "file_path"});
  if (has_immutable_folder(loading.config) && file_path != nullptr && file_path->place().known()) {
    loading.error_at_last("PIER1088",
                          "workspace.file_path cannot be configured when experimental.immutable_folder is true",
                          *file_path, "remove workspace.file_path");
    return;
  }
  Translator translator(loading);
  for_each_site(find_path_sites(loading), [&](const Site& site) {
    if (!loading.options.compatible || !translator.failed()) {
      translator.translate(site);
    }
  });
  if (!loading.options.compatible || !translator.failed()) {
    translator.apply();
  }
}

} // namespace pier::bundles
