#include "bundles/config/path.hpp"
#include "bundles/config/quotes.hpp"
#include "bundles/steps/libraries.hpp"
#include "bundles/steps/notebook.hpp"
#include "bundles/steps/steps.hpp"

#include <array>
#include <functional>

namespace pier::bundles {
namespace {

namespace fs = std::filesystem;

enum class Mode { notebook, file, folder, glob, local_folder, local, local_dotted, pip_flag };

/// Where a field holds a path, below a resource or artifact.
struct PathField {
  std::string_view section; ///< "resources.jobs", "artifacts"
  std::string_view pattern;
  Mode mode;
};

constexpr std::array k_fields = {
    PathField{"resources.jobs", "tasks[*].notebook_task.notebook_path", Mode::notebook},
    PathField{"resources.jobs", "tasks[*].spark_python_task.python_file", Mode::file},
    PathField{"resources.jobs", "tasks[*].dbt_task.project_directory", Mode::folder},
    PathField{"resources.jobs", "tasks[*].sql_task.file.path", Mode::file},
    PathField{"resources.jobs", "tasks[*].alert_task.workspace_path", Mode::file},
    PathField{"resources.jobs", "tasks[*].libraries[*].requirements", Mode::file},
    PathField{"resources.jobs", "tasks[*].ai_runtime_task.deployments[*].command_path", Mode::file},
    PathField{"resources.jobs", "tasks[*].for_each_task.task.notebook_task.notebook_path", Mode::notebook},
    PathField{"resources.jobs", "tasks[*].for_each_task.task.spark_python_task.python_file", Mode::file},
    PathField{"resources.jobs", "tasks[*].for_each_task.task.dbt_task.project_directory", Mode::folder},
    PathField{"resources.jobs", "tasks[*].for_each_task.task.sql_task.file.path", Mode::file},
    PathField{"resources.jobs", "tasks[*].for_each_task.task.alert_task.workspace_path", Mode::file},
    PathField{"resources.jobs", "tasks[*].for_each_task.task.libraries[*].requirements", Mode::file},
    PathField{"resources.jobs", "tasks[*].libraries[*].whl", Mode::local},
    PathField{"resources.jobs", "tasks[*].libraries[*].jar", Mode::local},
    PathField{"resources.jobs", "environments[*].spec.dependencies[*]", Mode::local_dotted},
    PathField{"resources.jobs", "environments[*].spec.dependencies[*]", Mode::pip_flag},
    PathField{"resources.jobs", "tasks[*].for_each_task.task.libraries[*].whl", Mode::local},
    PathField{"resources.jobs", "tasks[*].for_each_task.task.libraries[*].jar", Mode::local},
    PathField{"resources.pipelines", "libraries[*].notebook.path", Mode::notebook},
    PathField{"resources.pipelines", "libraries[*].file.path", Mode::file},
    PathField{"resources.pipelines", "libraries[*].glob.include", Mode::glob},
    PathField{"resources.pipelines", "root_path", Mode::folder},
    PathField{"resources.pipelines", "environment.dependencies[*]", Mode::local_dotted},
    PathField{"resources.pipelines", "environment.dependencies[*]", Mode::pip_flag},
    PathField{"artifacts", "path", Mode::local_folder},
    PathField{"resources.apps", "source_code_path", Mode::folder},
    PathField{"resources.alerts", "file_path", Mode::local},
    PathField{"resources.dashboards", "file_path", Mode::local},
    PathField{"resources.genie_spaces", "file_path", Mode::local},
};

/// One path in the configuration, while it is worked on.
struct Site {
  const PathField& field;
  Mapping::Entry& owner;
  Value& value;
};

/// "resources.jobs.x.tasks[0].sql_task.file.path"
std::string path_of(const Site& site) {
  std::string text = std::string(site.field.section) + ".";
  const auto note = [&](Value& value, const PathNode& path) {
    if (&value == &site.value) {
      text += path.to_string();
    }
  };
  for_each_match(site.owner.value, site.field.pattern, note, PathNode{nullptr, site.owner.key, 0, false});
  return text;
}

bool is_remote(const std::string& path) {
  return path.starts_with('/') || !url_scheme(path).empty();
}

bool concerns(const PathField& field, const std::string& text) {
  if (field.mode == Mode::local_dotted) {
    return is_local_library(text);
  }
  return field.mode != Mode::pip_flag || local_pip_flag(text).has_value();
}

/// Where a field needs a map on its way and finds something else.
struct Misfit {
  std::string path;
  const Value* value;
};

struct FoundField {
  std::vector<Site> sites;
  std::optional<Misfit> misfit; ///< the first
};

using FoundFields = std::array<FoundField, k_fields.size()>;

void find_in_owner(std::string_view section, Mapping::Entry& owner, FoundFields& found) {
  const Value* git_source = owner.value.find("git_source");
  if (section == "resources.jobs" && git_source != nullptr && !git_source->is_nil()) {
    return;
  }
  for (std::size_t i = 0; i < k_fields.size(); ++i) {
    const auto& field = k_fields[i];
    if (field.section != section) {
      continue;
    }
    const auto add = [&](Value& value, const PathNode&) {
      if (value.is_text()) {
        found[i].sites.push_back({field, owner, value});
      }
    };
    const auto note_misfit = [&](const Value& value, const PathNode& path) {
      if (!found[i].misfit) {
        found[i].misfit = Misfit{std::string(section) + "." + path.to_string(), &value};
      }
    };
    for_each_match(owner.value, field.pattern, add, PathNode{nullptr, owner.key, 0, false}, note_misfit);
  }
}

/// Field by field, as the official CLI goes, with one walk through the resources: there can be many.
FoundFields find_fields(Loading& loading) {
  FoundFields found;
  std::string_view done;
  for (const auto& field : k_fields) {
    if (field.section == done) {
      continue;
    }
    done = field.section;
    const auto dot = done.find('.');
    Value* section = loading.config.find(done.substr(0, dot));
    if (section != nullptr && dot != std::string_view::npos) {
      section = section->find(done.substr(dot + 1));
    }
    if (section != nullptr && section->is_map()) {
      for (auto& owner : section->as_map().entries()) {
        find_in_owner(done, owner, found);
      }
    }
  }
  return found;
}

void for_each_site(const FoundFields& found, const std::function<void(const Site&)>& visit) {
  for (const auto& field : found) {
    for (const auto& site : field.sites) {
      if (concerns(site.field, site.value.as_text())) {
        visit(site);
      }
    }
  }
}

/// A reference to a resource stands where the fields of a path belong. True: the official CLI stops here.
bool report_misfits(Loading& loading, const FoundFields& found) {
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
  Translation translate_in(const fs::path& folder, const std::string& path, Mode mode) const;
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

Translation Translator::translate_in(const fs::path& folder, const std::string& path, Mode mode) const {
  const fs::path full = (folder / path).lexically_normal();
  const auto below = clean_path(full.lexically_relative(loading_.sync_root));
  const bool outside = below == ".." || below.starts_with("../");
  const bool may_be_outside = mode == Mode::local || mode == Mode::local_dotted || mode == Mode::pip_flag;
  if (outside && !may_be_outside && mode != Mode::local_folder) {
    return fail("path " + clean_path(full) + " is not contained in sync root path",
                "move it below the bundle, or add its folder to sync.paths");
  }
  switch (mode) {
  case Mode::notebook: return notebook(full, path, below);
  case Mode::glob: return {remote(below), {}, {}};
  case Mode::local: return {below, {}, {}};
  case Mode::local_dotted: return {below.starts_with('.') ? below : "./" + below, {}, {}};
  default: break;
  }
  const auto sort = sort_of_file(full);
  if (mode == Mode::folder) {
    if (sort == FileSort::missing) {
      return fail("stat " + below + ": no such file or directory", "create the folder, or correct the path");
    }
    return sort == FileSort::folder ? Translation{remote(below), {}, {}}
                                    : fail(full.generic_string() + " is not a directory");
  }
  if (mode == Mode::local_folder) {
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
  if (auto pip = local_pip_flag(path); pip && site.field.mode == Mode::pip_flag) {
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
  const auto found = find_fields(loading);
  if (report_misfits(loading, found)) {
    return;
  }
  for_each_site(found, [](const Site& site) {
    std::string path = site.value.as_text();
    std::string flag;
    if (auto pip = local_pip_flag(path); pip && site.field.mode == Mode::pip_flag) {
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
  for_each_site(find_fields(loading), [&](const Site& site) {
    if (!loading.options.compatible || !translator.failed()) {
      translator.translate(site);
    }
  });
  if (!loading.options.compatible || !translator.failed()) {
    translator.apply();
  }
}

} // namespace pier::bundles
