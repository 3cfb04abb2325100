#include "bundles/python/python.hpp"

#include "bundles/checks/checks.hpp"
#include "bundles/python/answer.hpp"
#include "bundles/steps/steps.hpp"
#include "core/base/text.hpp"

namespace pier::bundles {
namespace {

/// What Python says when the package is missing, with the remedy.
std::string explained(std::string text) {
  if (text.find("Error while finding module specification for 'databricks.bundles.build'") == std::string::npos) {
    return text;
  }
  return text + "\nExplanation: 'databricks-bundles' library is not installed in the Python environment.\n\n"
                "Ensure that 'databricks-bundles' is installed in Python environment:\n\n"
                "  $ .venv/bin/pip install databricks-bundles\n\n"
                "If using a virtual environment, ensure it is specified as the venv_path property in databricks.yml,\n"
                "or activate the environment before running CLI commands:\n\n"
                "  experimental:\n    python:\n      venv_path: .venv\n";
}

using Step = void (*)(Loading&);

/// What every resource goes through, what only new ones do, and what a mutator may have upset.
constexpr Step k_normalise[] = {check_clusters,     resolve_in_resources,  expand_pipeline_files,
                                merge_lists_by_key, capture_catalog_names, apply_fixups};
constexpr Step k_initialise[] = {apply_run_as,   override_clusters, apply_presets,
                                 apply_defaults, apply_permissions, fix_permissions};
constexpr Step k_repair[] = {fix_permissions};

/// The section, and the older place of it as the package wants to see it; nullptr when Python is not used.
const Value* python_section(Loading& loading) {
  const Value* old = loading.config.find_path({"experimental", "python"});
  const Value* section = loading.config.find("python");
  const Value* pydabs = loading.config.find_path({"experimental", "pydabs"});
  if (pydabs != nullptr && pydabs->is_map() && pydabs->as_map().size() > 0) {
    loading.error("PIER1054",
                  "failed to apply python mutator: experimental/pydabs is deprecated, use python instead "
                  "(https://docs.databricks.com/dev-tools/bundles/python)",
                  loading.extra(pydabs));
    return nullptr;
  }
  if (section == nullptr || section->is_nil()) {
    return old != nullptr && old->is_map() && old->as_map().size() > 0 ? old : nullptr;
  }
  if (old == nullptr) {
    Value copy = *section;
    loading.config.member("experimental").set("python", std::move(copy));
    section = loading.config.find("python");
  } else if (!old->same_data(*section)) {
    loading.error("PIER1054",
                  "failed to apply python mutator: 'experimental/python' and 'python' configuration properties are "
                  "mutually exclusive, use only 'python'",
                  loading.extra(old), {}, "remove experimental.python");
    return nullptr;
  }
  return section->is_map() && section->as_map().size() > 0 ? section : nullptr;
}

/// Runs the steps with only these resources in sight.
template <std::size_t N> void run_on(Loading& loading, const ResourceNames& names, const Step (&steps)[N]) {
  if (names.empty()) {
    return;
  }
  Value all = std::move(loading.config.member("resources"));
  Value some = Value::map();
  for (const auto& [kind, key] : names) {
    some.member(kind).set(key, std::move(*all.find_path({kind, key})));
  }
  loading.config.set("resources", std::move(some));
  for (const Step step : steps) {
    if (loading.options.compatible && loading.diagnostics.has_errors()) {
      break;
    }
    step(loading);
  }
  for (const auto& [kind, key] : names) {
    all.member(kind).set(key, std::move(loading.config.member("resources").member(kind).member(key)));
  }
  loading.config.set("resources", std::move(all));
}

std::string listed(const ResourceNames& names) {
  std::vector<std::string> words;
  for (const auto& [kind, key] : names) {
    words.push_back("{" + kind + " " + key + "}");
  }
  return "[" + join(words, " ") + "]";
}

std::optional<PythonAnswer> run(Loading& loading, const Value& section, const std::string& phase) {
  PythonCall call;
  call.phase = phase;
  call.venv_path = section.text_of("venv_path");
  call.root = loading.root;
  loading.publish();
  call.input = loading.config.to_json(true).dump();
  auto answer = loading.options.run_python(call);
  if (!answer) {
    loading.error("PIER1054", answer.error().message, loading.extra(&section), {}, answer.error().hint);
    return std::nullopt;
  }
  if (!report_python_problems(loading, answer->diagnostics)) {
    return std::nullopt;
  }
  if (!answer->failure.empty()) {
    loading.report(Severity::error, "PIER1055",
                   "python mutator process failed: \"" + answer->failure + "\", use --debug to enable logging",
                   loading.extra(&section), {}, "pip install databricks-bundles in the environment",
                   explained(answer->standard_error));
    return std::nullopt;
  }
  return *std::move(answer);
}

bool is_allowed(Loading& loading, const ResourceChanges& changes, bool may_add) {
  const auto refuse = [&](const std::string& what, const ResourceNames& names) {
    if (!names.empty()) {
      loading.error("PIER1055", "unexpected " + what + " resources: " + listed(names));
    }
    return names.empty();
  };
  return refuse("deleted", changes.deleted) &&
         (may_add ? refuse("updated", changes.updated) : refuse("added", changes.added));
}

/// True if the next phase may follow.
bool run_phase(Loading& loading, const std::string& phase, bool may_add) {
  const Value* section = python_section(loading);
  if (section == nullptr || !loading.options.run_python) {
    return false;
  }
  if (model::forbids_code(loading.options.env)) {
    loading.error("PIER1054",
                  "Running Python code is not allowed when DATABRICKS_BUNDLE_RESTRICTED_CODE_EXECUTION is set");
    return false;
  }
  const auto answer = run(loading, *section, phase);
  auto after = answer ? read_python_resources(loading, *answer) : std::nullopt;
  if (!after) {
    return false;
  }
  Value& before = loading.config.member("resources");
  const auto changes = compare_resources(before, *after);
  if (!is_allowed(loading, changes, may_add)) {
    return false;
  }
  for (const auto* names : {&changes.added, &changes.updated}) {
    for (const auto& [kind, key] : *names) {
      before.member(kind).set(key, std::move(*after->find_path({kind, key})));
    }
  }
  run_on(loading, changes.added, k_normalise);
  run_on(loading, changes.added, k_initialise);
  run_on(loading, changes.updated, k_normalise);
  run_on(loading, changes.updated, k_repair);
  return !loading.options.compatible || !loading.diagnostics.has_errors();
}

} // namespace

void run_python(Loading& loading) {
  if (run_phase(loading, "load_resources", true)) {
    run_phase(loading, "apply_mutators", false);
  }
}

} // namespace pier::bundles
