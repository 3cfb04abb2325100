#include "bundles/config/target.hpp"

#include "bundles/config/merge.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace pier::bundles {
namespace {

void rename_compute_id(Loading& loading, Value& section, const std::string& path) {
  const Value* old = section.find("compute_id");
  if (old == nullptr) {
    return;
  }
  loading.warning("PIER1032", "compute_id is deprecated, please use cluster_id instead", old, path + "compute_id",
                  "rename compute_id to cluster_id");
  Value value = *old;
  section.as_map().erase("compute_id");
  section.set("cluster_id", std::move(value));
}

std::vector<std::string> target_names(const Value& config) {
  std::vector<std::string> names;
  for (const auto& entry : config.find("targets")->as_map().entries()) {
    names.push_back(entry.key);
  }
  return names;
}

std::string wanted_target(const LoadOptions& options) {
  if (!options.target.empty()) {
    return options.target;
  }
  for (const auto* variable : {"DATABRICKS_BUNDLE_TARGET", "DATABRICKS_BUNDLE_ENV"}) {
    if (auto value = options.env.get(variable)) {
      return *value;
    }
  }
  return {};
}

/// The target to use when nobody names one; empty after a report.
std::string default_target(Loading& loading, const std::vector<std::string>& names) {
  if (names.size() == 1) {
    return names.front();
  }
  std::vector<std::string> defaults;
  Diagnostic problem;
  for (const auto& entry : loading.config.find("targets")->as_map().entries()) {
    const Value* flag = entry.value.find("default");
    if (flag != nullptr && flag->is_boolean() && flag->as_boolean()) {
      defaults.push_back(entry.key);
      problem.spans.push_back(flag->place().to_span());
    }
  }
  if (defaults.size() == 1) {
    return defaults.front();
  }
  if (defaults.empty()) {
    problem.code = "PIER1037";
    problem.summary = "please specify target";
    problem.help = "name one with -t (" + join(names, ", ") + "), or mark one with 'default: true'";
  } else {
    problem.code = "PIER1036";
    problem.summary = "multiple targets are marked as default (" + join(defaults, ", ") + ")";
    problem.help = "keep 'default: true' in one of them";
  }
  if (loading.options.compatible) {
    problem.spans.clear();
  }
  loading.diagnostics.add(std::move(problem));
  return {};
}

void override_variables(Loading& loading, const Value& target) {
  const Value* overrides = target.find("variables");
  if (overrides == nullptr || overrides->is_nil()) {
    return;
  }
  if (!overrides->is_map()) {
    loading.error("PIER1038",
                  "failed to perform target override for target=" + loading.target +
                      ": expected a map or sequence, found " + std::string(kind_word(overrides->kind())),
                  loading.extra(overrides), {}, "write the variables of the target out");
    return;
  }
  for (const auto& entry : overrides->as_map().entries()) {
    Value* variable = loading.config.find_path({"variables", entry.key});
    if (variable == nullptr) {
      std::vector<std::string> names;
      if (const Value* defined = loading.config.find("variables"); defined != nullptr && defined->is_map()) {
        for (const auto& known : defined->as_map().entries()) {
          names.push_back(known.key);
        }
      }
      const auto best = nearest(entry.key, names);
      Diagnostic problem;
      problem.code = "PIER1038";
      problem.summary = "failed to perform target override for target=" + loading.target + ": variable " + entry.key +
                        " is not defined but is assigned a value";
      if (!loading.options.compatible) {
        problem.spans = {entry.place.to_span()};
      }
      problem.help = best.empty() ? "define it under 'variables' at the top level" : "did you mean '" + best + "'?";
      loading.diagnostics.add(std::move(problem));
      if (loading.options.compatible) {
        return;
      }
      continue;
    }
    if (variable->is_text()) {
      loading.error("PIER1038",
                    "failed to perform target override for target=" + loading.target +
                        ": expected a map to index \"variables." + entry.key + ".default\", found string",
                    loading.extra(variable), {}, "define the variable as a mapping");
      return;
    }
    if (!variable->is_map()) {
      *variable = Value::map(variable->place());
    }
    if (const Value* value = entry.value.find("default")) {
      variable->set("default", *value);
      variable->as_map().erase("lookup");
    }
    if (const Value* lookup = entry.value.find("lookup")) {
      variable->set("lookup", *lookup);
      variable->as_map().erase("default");
    }
  }
}

/// The settings of the bundle, of which a target sets this one; an error when they are a reference.
Value* bundle_for(Loading& loading, std::string_view field) {
  Value& bundle = loading.config.member("bundle");
  if (bundle.is_map() || bundle.is_nil()) {
    return &bundle;
  }
  loading.error("PIER1013",
                "failed to perform target override for target=" + loading.target +
                    ": expected a map to index \"bundle." + std::string(field) + "\", found " +
                    std::string(kind_word(bundle.kind())),
                loading.extra(&bundle), {}, "write the settings of the bundle out");
  return nullptr;
}

void merge_target(Loading& loading) {
  const Value target = *loading.config.find_path({"targets", loading.target});
  loading.target_section = target;
  override_variables(loading, target);
  for (const std::string_view section :
       {"bundle", "workspace", "artifacts", "resources", "sync", "permissions", "presets"}) {
    if (const Value* over = target.find(section)) {
      merge_values(loading.config.member(section), *over,
                   "failed to perform target override for target=" + loading.target +
                       ": failed to merge target=" + loading.target + " field=" + std::string(section) + ": ",
                   loading.diagnostics);
    }
  }
  if (const Value* run_as = target.find("run_as"); run_as != nullptr && !run_as->is_nil()) {
    loading.config.set("run_as", *run_as);
  }
  for (const std::string_view field : {"mode", "cluster_id", "git"}) {
    const Value* over = target.find(field);
    Value* bundle = over == nullptr ? nullptr : bundle_for(loading, field);
    if (bundle == nullptr) {
      continue;
    }
    if (field == "git") {
      merge_values(bundle->member("git"), *over, {}, loading.diagnostics);
    } else {
      bundle->set(field, *over);
    }
  }
}

/// What the sections that a target can change were before; those it does not mention, often the resources, are not
/// copied.
class Before {
 public:
  explicit Before(const Loading& loading) {
    save(loading.config, "bundle");
    if (const Value* target = loading.config.find_path({"targets", loading.target}); target->is_map()) {
      for (const auto& entry : target->as_map().entries()) {
        save(loading.config, entry.key);
      }
    }
  }

  void restore(Value& config) {
    for (auto& [section, value] : sections_) {
      if (value) {
        config.member(section) = *std::move(value);
      } else {
        config.as_map().erase(section);
      }
    }
  }

 private:
  void save(const Value& config, std::string_view section) {
    const Value* value = config.find(section);
    sections_.emplace(section, value == nullptr ? std::nullopt : std::optional(*value));
  }

  std::map<std::string, std::optional<Value>, std::less<>> sections_;
};

} // namespace

void upgrade_old_spellings(Loading& loading) {
  Value& config = loading.config;
  if (const Value* environments = config.find("environments")) {
    if (config.find("targets") != nullptr) {
      loading.error("PIER1031",
                    "both 'environments' and 'targets' are specified; only 'targets' should be used: " +
                        (loading.root / environments->place().to_span().to_string()).string(),
                    loading.extra(environments), {}, "move the entries of 'environments' to 'targets'");
    } else {
      Value copy = *environments;
      config.set("targets", std::move(copy));
    }
    config.as_map().erase("environments");
  }
  if (Value* bundle = config.find("bundle")) {
    rename_compute_id(loading, *bundle, "bundle.");
  }
  Value* targets = config.find("targets");
  if (targets == nullptr || !targets->is_map() || targets->as_map().size() == 0) {
    config.set("targets", Value::map()).set("default", Value::map());
    return;
  }
  for (auto& target : targets->as_map().entries()) {
    rename_compute_id(loading, target.value, {});
  }
}

bool select_target(Loading& loading) {
  const auto names = target_names(loading.config);
  auto wanted = wanted_target(loading.options);
  if (wanted.empty()) {
    wanted = default_target(loading, names);
    if (wanted.empty()) {
      return false;
    }
  } else if (std::find(names.begin(), names.end(), wanted) == names.end()) {
    const auto best = nearest(wanted, names);
    loading.error("PIER1035", wanted + ": no such target. Available targets: " + join(names, ", "),
                  loading.extra(loading.config.find("targets")), {},
                  best.empty() ? "" : "did you mean '" + best + "'?");
    return false;
  }
  loading.target = wanted;
  auto before = loading.options.compatible ? std::optional<Before>(loading) : std::nullopt;
  merge_target(loading);
  if (before && loading.diagnostics.has_errors()) {
    before->restore(loading.config);
    loading.target.clear();
    return false;
  }
  Value& bundle = loading.config.member("bundle");
  if (!bundle.is_map() && !bundle.is_nil()) {
    bundle = Value::map();
  }
  bundle.set("target", Value::text(loading.target));
  bundle.set("environment", Value::text(loading.target));
  loading.config.as_map().erase("targets");
  return true;
}

} // namespace pier::bundles
