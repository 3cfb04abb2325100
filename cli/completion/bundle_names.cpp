#include "cli/completion/bundle_names.hpp"

#include "bundles/load.hpp"
#include "cli/load_options.hpp"

#include <algorithm>

namespace pier::cli {
namespace {

std::string singular(const std::string& kind) {
  return kind.ends_with('s') ? kind.substr(0, kind.size() - 1) : kind;
}

/// "job: load flights"
std::string about_resource(const model::ResourceKey& key, const Json& config) {
  for (const auto* field : {"name", "display_name", "title"}) {
    if (const auto name = config.get_string(field); !name.empty()) {
      return singular(key.kind) + ": " + name;
    }
  }
  return singular(key.kind);
}

} // namespace

BundleNames::BundleNames(const Arguments& options, const Context& context)
    : arguments_(options),
      context_(context) {}

std::optional<model::Bundle> BundleNames::load() const {
  auto options = load_options(arguments_, context_);
  options.only_select = true;
  Diagnostics nobody_sees;
  return bundles::load(options, nobody_sees);
}

std::vector<Candidate> BundleNames::targets() const {
  std::vector<Candidate> found;
  for (auto& name : bundles::target_names(load_options(arguments_, context_))) {
    found.push_back({.text = std::move(name), .about = "target"});
  }
  return found;
}

std::vector<Candidate> BundleNames::resources(std::string_view begin,
                                              std::initializer_list<std::string_view> kinds) const {
  std::vector<Candidate> found;
  const auto bundle = load();
  if (!bundle) {
    return found;
  }
  for (const auto& [key, node] : bundle->graph.nodes) {
    if (key.is_part() || (kinds.size() > 0 && std::find(kinds.begin(), kinds.end(), key.kind) == kinds.end())) {
      continue;
    }
    const auto about = about_resource(key, node.config);
    found.push_back({.text = key.key, .about = about});
    if (!begin.empty()) {
      found.push_back({.text = key.kind + "." + key.key, .about = about});
    }
  }
  return found;
}

std::vector<Candidate> BundleNames::scripts() const {
  std::vector<Candidate> found;
  const auto bundle = load();
  const auto* scripts = bundle ? bundle->config.find("scripts") : nullptr;
  if (scripts != nullptr && scripts->is_object()) {
    for (const auto& [name, script] : scripts->as_object()) {
      found.push_back({.text = name, .about = "script"});
    }
  }
  return found;
}

std::vector<Candidate> BundleNames::variables() const {
  std::vector<Candidate> found;
  const auto bundle = load();
  const auto* variables = bundle ? bundle->config.find("variables") : nullptr;
  if (variables != nullptr && variables->is_object()) {
    for (const auto& [name, variable] : variables->as_object()) {
      found.push_back(
          {.text = name + "=", .about = variable.is_object() ? variable.get_string("description") : std::string()});
    }
  }
  return found;
}

std::vector<Candidate> BundleNames::parameters_of(std::string_view resource) const {
  std::vector<Candidate> found;
  const auto bundle = load();
  const auto keys = bundle ? bundle->graph.named(resource) : std::vector<model::ResourceKey>();
  const auto* node = keys.size() == 1 ? bundle->graph.find(keys.front()) : nullptr;
  const auto* parameters = node == nullptr ? nullptr : node->config.find("parameters");
  if (parameters != nullptr && parameters->is_array()) {
    for (const auto& parameter : parameters->as_array()) {
      found.push_back({.text = "--" + parameter.get_string("name") + "=", .about = parameter.get_string("default")});
    }
  }
  return found;
}

} // namespace pier::cli
