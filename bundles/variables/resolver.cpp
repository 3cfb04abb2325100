#include "bundles/variables/resolver.hpp"

#include "bundles/config/normalise.hpp"
#include "bundles/config/path.hpp"
#include "bundles/variables/lookup.hpp"
#include "bundles/variables/sources.hpp"
#include "core/base/number_text.hpp"
#include "core/base/text.hpp"
#include "core/model/resource_key.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace pier::bundles {
namespace {

constexpr int k_max_rounds = 11;
constexpr std::size_t k_max_chain = 200;               ///< references that lead to one another
constexpr std::size_t k_max_text = 4ULL * 1024 * 1024; ///< bytes of one text after interpolation
/// Nodes that references may copy: a base, and so many for each reference that was written.
constexpr std::size_t k_base_nodes = 100'000;
constexpr std::size_t k_nodes_per_reference = 100;

/// A text with references, and where it stands.
struct Site {
  std::string path;
  Value* value;
};

/// One round: looks everything up in the configuration as it is, then replaces.
class Round {
 public:
  /// `budget` is what all rounds together may still copy; the first round sets it.
  Round(Loading& loading, const ResolveScope& scope, std::optional<std::size_t>& budget)
      : loading_(loading),
        scope_(scope),
        budget_(budget) {}

  /// True if something was replaced, so that another round may find more.
  bool run();

  [[nodiscard]] bool failed() const { return failed_; }

 private:
  enum class State { resolved, skipped, failed };

  struct Answer {
    State state = State::skipped;
    Value value;
  };

  void collect();
  Answer resolve_text(const Value& text, std::vector<std::string>& seen);
  Answer resolve_path(const std::string& path, std::vector<std::string>& seen, const Value& user);
  Answer look(const std::string& path, std::vector<std::string>& seen, const Value& user);
  bool in_scope(std::string_view path) const;
  bool allowed(const std::string& path, const std::string& written, const Value& user);
  Answer fail(std::string code, std::string summary, const Value& at, std::string detail = {});
  Answer interpolate(const Value& text, const std::vector<model::Reference>& references,
                     const std::vector<Answer>& answers);

  Loading& loading_;
  const ResolveScope& scope_;
  std::optional<std::size_t>& budget_;
  std::vector<Site> sites_;
  std::unordered_map<std::string, Answer> known_;
  bool updated_ = false;
  bool failed_ = false;
  bool exhausted_ = false; ///< a bound is reached; what comes would only cost more
};

void Round::collect() {
  const auto visit = [&](Value& value, const PathNode& path) {
    if (value.as_text().find("${") != std::string::npos && !model::find_references(value.as_text()).empty()) {
      sites_.push_back({path.to_string(), &value});
    }
  };
  const PathNode root;
  for (auto& entry : loading_.config.as_map().entries()) {
    const bool is_resources = entry.key == "resources";
    if (scope_.part == ResolveScope::Part::lookups) {
      if (entry.key == "variables" && entry.value.is_map()) {
        for (auto& variable : entry.value.as_map().entries()) {
          if (Value* lookup = variable.value.find("lookup")) {
            const auto variables = below(root, "variables");
            const auto name = below(variables, variable.key);
            walk_texts(*lookup, below(name, "lookup"), visit);
          }
        }
      }
    } else if (is_resources == (scope_.part == ResolveScope::Part::resources)) {
      walk_texts(entry.value, below(root, entry.key), visit);
    }
  }
  std::sort(sites_.begin(), sites_.end(), [](const Site& a, const Site& b) { return a.path < b.path; });
}

bool Round::run() {
  collect();
  if (!budget_) {
    budget_ = k_base_nodes + k_nodes_per_reference * sites_.size();
  }
  std::vector<Value> results(sites_.size());
  std::vector<bool> replace(sites_.size());
  for (std::size_t i = 0; i < sites_.size(); ++i) {
    std::vector<std::string> seen = {sites_[i].path};
    auto answer = resolve_text(*sites_[i].value, seen);
    replace[i] = answer.state == State::resolved;
    results[i] = std::move(answer.value);
    if (exhausted_ || (failed_ && loading_.options.compatible)) {
      return false;
    }
  }
  for (std::size_t i = 0; i < sites_.size(); ++i) {
    if (!replace[i]) {
      continue;
    }
    // Relative paths in the value belong to the place of use, so the place stays.
    const bool secret = results[i].secret();
    sites_[i].value->assign_data_of(std::move(results[i]));
    if (secret) {
      sites_[i].value->mark_secret();
    }
  }
  return updated_;
}

Round::Answer Round::fail(std::string code, std::string summary, const Value& at, std::string detail) {
  failed_ = true;
  const Value* place = loading_.extra(&at);
  loading_.report(Severity::error, std::move(code), std::move(summary), place, {}, {}, std::move(detail));
  return {State::failed, {}};
}

Round::Answer Round::resolve_text(const Value& text, std::vector<std::string>& seen) {
  const auto references = model::find_references(text.as_text());
  if (seen.size() > k_max_chain) {
    return fail("PIER1044", "more than 200 references lead to one another", text);
  }
  std::vector<Answer> answers;
  bool complete = true;
  bool any = false;
  for (const auto& reference : references) {
    if (std::find(seen.begin(), seen.end(), reference.path) != seen.end()) {
      auto chain = seen;
      chain.push_back(reference.path);
      return fail("PIER1042", "cycle detected in field resolution: " + join(chain, " -> "), text);
    }
    seen.push_back(reference.path);
    auto answer = resolve_path(reference.path, seen, text);
    seen.pop_back();
    if (answer.state == State::failed) {
      return answer;
    }
    complete = complete && answer.state == State::resolved;
    any = any || answer.state == State::resolved;
    answers.push_back(std::move(answer));
  }
  const bool pure = references.size() == 1 && references[0].begin == 0 && references[0].end == text.as_text().size();
  if (pure && complete) {
    Value value = std::move(answers[0].value);
    value.take_places_of(text);
    const auto nodes = value.count_nodes();
    if (nodes > *budget_) {
      exhausted_ = true;
      return fail("PIER1044", "references expand to too many values", text);
    }
    *budget_ -= nodes;
    return {State::resolved, std::move(value)};
  }
  return any ? interpolate(text, references, answers) : Answer{};
}

Round::Answer Round::interpolate(const Value& text, const std::vector<model::Reference>& references,
                                 const std::vector<Answer>& answers) {
  std::string out;
  std::size_t at = 0;
  bool secret = false;
  for (std::size_t i = 0; i < references.size(); ++i) {
    out += text.as_text().substr(at, references[i].begin - at);
    at = references[i].end;
    if (answers[i].state != State::resolved) {
      out += text.as_text().substr(references[i].begin, references[i].end - references[i].begin);
      continue;
    }
    const Value& value = answers[i].value;
    secret = secret || value.secret();
    switch (value.kind()) {
    case ValueKind::text: out += value.as_text(); break;
    case ValueKind::boolean: out += value.as_boolean() ? "true" : "false"; break;
    case ValueKind::integer: out += std::to_string(value.as_integer()); break;
    case ValueKind::number: out += shortest_number(value.as_number()); break;
    case ValueKind::time: out += value.as_time(); break;
    case ValueKind::nil: out += "<nil>"; break;
    case ValueKind::list:
    case ValueKind::map:
      return fail("PIER1043",
                  "cannot interpolate non-primitive value of type " + std::string(kind_word(value.kind())) +
                      " into string",
                  text);
    }
  }
  out += text.as_text().substr(at);
  if (out.size() > k_max_text) {
    exhausted_ = true;
    return fail("PIER1044", "a text grows beyond 4 MiB by its references", text);
  }
  Value result(std::move(out), text.place());
  result.take_places_of(text);
  if (secret) {
    result.mark_secret();
  }
  return {State::resolved, std::move(result)};
}

Round::Answer Round::resolve_path(const std::string& path, std::vector<std::string>& seen, const Value& user) {
  if (const auto it = known_.find(path); it != known_.end()) {
    return it->second;
  }
  auto answer = look(path, seen, user);
  known_[path] = answer;
  return answer;
}

bool Round::in_scope(std::string_view path) const {
  return std::any_of(scope_.prefixes.begin(), scope_.prefixes.end(), [&](std::string_view prefix) {
    return path.starts_with(prefix) &&
           (path.size() == prefix.size() || path[prefix.size()] == '.' || path[prefix.size()] == '[');
  });
}

/// Variables that wait for a lookup stay open; lookups may not build on one another.
bool Round::allowed(const std::string& path, const std::string& written, const Value& user) {
  constexpr std::string_view k_variables = "variables.";
  if (!path.starts_with(k_variables)) {
    return true;
  }
  const auto name = path.substr(k_variables.size(), path.find_first_of(".[", k_variables.size()) - k_variables.size());
  const Value* variable = loading_.config.find_path({"variables", name});
  const Value* lookup = variable == nullptr ? nullptr : variable->find("lookup");
  const bool looked_up = lookup != nullptr && lookup->is_map() && lookup->as_map().size() > 0;
  if (scope_.part == ResolveScope::Part::lookups && looked_up) {
    fail("PIER1048", "lookup variables cannot contain references to another lookup variables", user);
    return false;
  }
  return variable == nullptr || !is_open_lookup(*variable) || written.find(".lookup") != std::string::npos;
}

Round::Answer Round::look(const std::string& written, std::vector<std::string>& seen, const Value& user) {
  if (written == "var" && in_scope("variables")) {
    return fail("PIER1041", "reference does not exist: ${var}", user, "name the variable: ${var.NAME}");
  }
  const auto path = expand_var_prefix(written);
  if (!in_scope(path) || (scope_.allows && !scope_.allows(path))) {
    return {};
  }
  if (!allowed(path, written, user)) {
    return failed_ ? Answer{State::failed, {}} : Answer{};
  }
  auto found = look_up(loading_.config, parse_path(path), written);
  if (!found.value) {
    // Declared, but without a value: told already, at its declaration.
    if (found.suggestions.size() == 1 && found.suggestions.front() == written) {
      failed_ = true;
      return {State::failed, {}};
    }
    std::string detail;
    if (!found.suggestions.empty()) {
      detail = found.suggestions.size() == 1 ? "did you mean:" : "did you mean one of:";
      for (const auto& suggestion : found.suggestions) {
        detail += "\n  ${" + suggestion + "}";
      }
    }
    return fail("PIER1041", found.problem, user, std::move(detail));
  }
  updated_ = true;
  if (found.value->is_text() && !model::find_references(found.value->as_text()).empty()) {
    auto inner = resolve_text(*found.value, seen);
    if (inner.state == State::skipped) {
      return {State::resolved, std::move(*found.value)};
    }
    return inner;
  }
  return {State::resolved, std::move(*found.value)};
}

} // namespace

void resolve_references(Loading& loading, const ResolveScope& scope) {
  std::optional<std::size_t> budget;
  for (int round = 1; round <= k_max_rounds; ++round) {
    Round one(loading, scope, budget);
    const bool updated = one.run();
    if (updated) {
      normalise(loading.config, model::Field::root(), PathNode{}, loading.diagnostics);
    }
    if (one.failed() || !updated) {
      return;
    }
    if (round == k_max_rounds) {
      loading.warning("PIER1044", "Variables references are too deep, stopping resolution after 11 rounds. Unresolved "
                                  "variables may remain.");
    }
  }
}

} // namespace pier::bundles
