#include "bundles/config/files.hpp"

#include "bundles/config/merge.hpp"
#include "bundles/config/normalise.hpp"
#include "bundles/config/one_resource_file.hpp"
#include "bundles/config/root_file.hpp"
#include "bundles/config/shorthands.hpp"
#include "bundles/config/times.hpp"
#include "bundles/steps/steps.hpp"
#include "bundles/yaml/official_words.hpp"
#include "bundles/yaml/reader.hpp"
#include "core/base/files.hpp"
#include "core/base/glob.hpp"

#include <set>

namespace pier::bundles {
namespace {

namespace fs = std::filesystem;

std::optional<Value> no_map(Loading& loading, const std::string& name, const Value& value) {
  const auto summary = loading.options.compatible ? "failed to load " + (loading.root / name).string() +
                                                        ": :0:0: expected a map, found a invalid"
                                                  : "failed to load " + name + ": the top level is not a map";
  loading.error("PIER1013", summary, loading.extra(&value), {}, "start with 'bundle:' and its 'name'");
  return std::nullopt;
}

/// One file as a tree that fits the field table; nothing when it cannot be read.
std::optional<Value> load_file(Loading& loading, const std::string& name) {
  auto text = read_file(loading.root / name, k_max_yaml_bytes);
  const auto* file = loading.names.intern(name);
  if (!text) {
    loading.diagnostics.error("PIER1003", "cannot read " + name + ": " + text.error().message, {SourceSpan{name}},
                              text.error().kind == ErrorKind::too_large ? "split it into several files under 'include'"
                                                                        : text.error().hint);
    return std::nullopt;
  }
  const auto absolute = (loading.root / name).string();
  Diagnostics found;
  auto value = read_yaml(*text, file, found);
  for (const auto& problem : found.all()) {
    loading.diagnostics.add(loading.options.compatible ? in_official_words(problem, absolute, *text) : problem);
    if (loading.options.compatible && problem.severity == Severity::error) {
      return std::nullopt; // which reads no further
    }
  }
  if (!value) {
    return std::nullopt;
  }
  if (value->is_nil()) {
    return value;
  }
  if (const Value* odd = rewrite_shorthands(*value); odd != nullptr && loading.options.compatible) {
    loading.error("PIER1013",
                  "failed to rewrite " + absolute + ": expected a map or sequence, found " +
                      std::string(kind_word(odd->kind())),
                  {});
    return std::nullopt;
  }
  if (!normalise(*value, model::Field::root(), PathNode{}, loading.diagnostics)) {
    return no_map(loading, name, *value);
  }
  if (!value->is_map()) {
    return no_map(loading, name, *value);
  }
  check_times(loading, *value, name);
  if (loading.options.compatible && loading.diagnostics.has_errors()) {
    return std::nullopt;
  }
  return value;
}

bool is_config_name(const std::string& name) {
  const auto extension = fs::path(name).extension();
  return extension == ".yml" || extension == ".yaml" || extension == ".json";
}

/// The files that one entry of `include` names, without those seen before.
std::vector<std::string> expand_entry(Loading& loading, const Value& entry, const std::string& path,
                                      std::set<std::string>& seen) {
  const auto& pattern = entry.as_text();
  const auto shown_path = loading.options.compatible ? std::string() : path;
  if (!is_well_formed_glob(pattern)) {
    loading.error("PIER1009", loading.options.compatible ? "syntax error in pattern" : pattern + ": broken pattern",
                  loading.extra(&entry), shown_path, "close the '[' of the pattern");
    return {};
  }
  if (fs::path(pattern).is_absolute()) {
    loading.error("PIER1009", pattern + ": includes must be relative paths", loading.extra(&entry), shown_path,
                  "write it relative to the folder of databricks.yml");
    return {};
  }
  const auto matches = glob_files(loading.root, pattern);
  if (matches.empty() && !has_glob_characters(pattern)) {
    loading.error("PIER1009", pattern + " defined in 'include' section does not match any files", loading.extra(&entry),
                  shown_path, "correct the name, or remove the entry");
  }
  std::vector<std::string> files;
  for (const auto& match : matches) {
    if (!seen.insert(match).second) {
      continue;
    }
    if (is_config_name(match)) {
      files.push_back(match);
      continue;
    }
    loading.report(Severity::error, "PIER1009",
                   "Files in the 'include' configuration section must be YAML or JSON files.", &entry, {}, {},
                   "The file " + match +
                       " in the 'include' configuration section is not a YAML or JSON file, and only such files are "
                       "supported. To include files to sync, specify them in the 'sync.include' configuration section "
                       "instead.");
  }
  return files;
}

void merge_include(Loading& loading, const std::string& name) {
  auto value = load_file(loading, name);
  if (!value) {
    return;
  }
  check_one_resource_file(loading, *value, name);
  if (const Value* include = value->find("include");
      include != nullptr && include->is_list() && !include->as_list().empty()) {
    loading.report(Severity::warning, "PIER1011", "Include section is defined outside root file", include, "include",
                   "move the entries to databricks.yml",
                   "An include section is defined in a file that is not databricks.yml.\n"
                   "Only includes defined in databricks.yml are applied.");
  }
  merge_values(loading.config, std::move(*value), {}, loading.diagnostics);
}

void load_includes(Loading& loading) {
  std::vector<Value> entries;
  if (const Value* include = loading.config.find("include"); include != nullptr && include->is_list()) {
    entries = include->as_list();
  }
  const auto root_text = loading.root.string();
  if (const auto bad = root_text.find_first_of("*?[]^"); bad != std::string::npos) {
    loading.report(Severity::error, "PIER1009", "Bundle root path contains glob pattern characters", nullptr, {},
                   "rename the folder",
                   "The path to the bundle root " + root_text + " contains glob pattern character \"" + root_text[bad] +
                       "\". Please remove the character from this path to use bundle commands.");
    return;
  }
  std::set<std::string> seen(k_root_file_names.begin(), k_root_file_names.end());
  std::vector<std::pair<std::string, const Value*>> files;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].is_text()) {
      for (auto& name : expand_entry(loading, entries[i], "include[" + std::to_string(i) + "]", seen)) {
        files.emplace_back(std::move(name), &entries[i]);
      }
    }
    if (loading.options.compatible && loading.diagnostics.has_errors()) {
      return;
    }
  }
  Value::List list;
  for (const auto& [name, entry] : files) {
    list.push_back(Value::text(name, entry->place()));
  }
  if (const Value* include = loading.config.find("include"); list.empty() && include != nullptr && include->is_list()) {
    loading.config.as_map().erase("include");
  } else if (!list.empty()) {
    loading.config.member("include").assign(std::move(list));
  }
  for (const auto& [name, entry] : files) {
    merge_include(loading, name);
  }
}

} // namespace

void load_files(Loading& loading) {
  const auto file = find_root_file(loading.root);
  if (auto value = file ? load_file(loading, file->filename().string()) : std::nullopt) {
    merge_values(loading.config, std::move(*value), {}, loading.diagnostics);
    run_hook(loading, "preinit");
    if (!loading.options.compatible || !loading.diagnostics.has_errors()) {
      load_includes(loading);
    }
  }
}

} // namespace pier::bundles
