#include "bundles/checks/checks.hpp"
#include "bundles/config/path.hpp"
#include "bundles/config/quotes.hpp"
#include "core/base/text.hpp"
#include "core/model/field_table.hpp"
#include "core/model/resource_key.hpp"

#include <algorithm>

namespace pier::bundles {
namespace {

std::string spans_text(const Diagnostic& diagnostic) {
  std::string text;
  for (const auto& span : diagnostic.spans) {
    text += span.to_string() + " ";
  }
  return text;
}

/// Sorts as text, so that `a.yml:10` comes before `a.yml:7`: the order of the official CLI.
void add_sorted(Diagnostics& into, std::vector<Diagnostic> found) {
  std::sort(found.begin(), found.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tuple(a.summary, spans_text(a), a.paths) < std::tuple(b.summary, spans_text(b), b.paths);
  });
  for (auto& diagnostic : found) {
    into.add(std::move(diagnostic));
  }
}

Diagnostic make(std::string code, Severity severity, std::string summary, const Value& at, const std::string& path) {
  Diagnostic problem;
  problem.code = std::move(code);
  problem.severity = severity;
  problem.summary = std::move(summary);
  problem.spans = at.spans();
  problem.paths = {path};
  return problem;
}

/// Walks the tree along the field table.
template <class Visit> void walk_fields(const Value& value, model::Field field, const PathNode& path, Visit& visit) {
  visit(value, field, path);
  if (value.is_map()) {
    for (const auto& entry : value.as_map().entries()) {
      if (const auto member = field.member(entry.key)) {
        walk_fields(entry.value, *member, below(path, entry.key), visit);
      }
    }
  } else if (value.is_list()) {
    if (const auto element = field.element()) {
      for (std::size_t i = 0; i < value.as_list().size(); ++i) {
        walk_fields(value.as_list()[i], *element, below(path, i), visit);
      }
    }
  }
}

bool is_blank(const Value* value) {
  return value == nullptr || value->is_nil() || (value->is_text() && trim(value->as_text()).empty());
}

/// The official CLI tells once of all dashboards what they miss.
void join_same(std::vector<Diagnostic>& problems) {
  std::vector<Diagnostic> joined;
  for (auto& problem : problems) {
    if (joined.empty() || joined.back().summary != problem.summary) {
      joined.push_back(std::move(problem));
      continue;
    }
    auto& first = joined.back();
    first.spans.insert(first.spans.end(), problem.spans.begin(), problem.spans.end());
    first.paths.insert(first.paths.end(), problem.paths.begin(), problem.paths.end());
  }
  problems = std::move(joined);
}

std::vector<Diagnostic> missing_for_deploy(Loading& loading) {
  std::vector<Diagnostic> found;
  Value& config = loading.config;
  const auto require = [&](std::string_view kind, std::string_view field, std::string_view summary) {
    for_each_resource_of(config, kind, [&](const std::string& key, const Value& resource) {
      if (is_blank(resource.find(field))) {
        found.push_back(make("PIER1077", Severity::error, std::string(summary), resource,
                             "resources." + std::string(kind) + "." + key));
      }
    });
  };
  require("dashboards", "display_name", "dashboard display_name is required");
  require("dashboards", "warehouse_id", "dashboard warehouse_id is required");
  if (loading.options.compatible) {
    join_same(found);
  }
  require("sql_warehouses", "name", "sql_warehouse name is required");
  return found;
}

std::vector<Diagnostic> broken_grants(Loading& loading) {
  std::vector<Diagnostic> found;
  for_each_resource(loading.config, [&](std::string_view kind, const std::string& key, const Value& resource) {
    const Value* grants = resource.find("grants");
    if (grants == nullptr || !grants->is_list()) {
      return;
    }
    for (std::size_t i = 0; i < grants->as_list().size(); ++i) {
      const Value& grant = grants->as_list()[i];
      const auto path = "resources." + std::string(kind) + "." + key + ".grants[" + std::to_string(i) + "]";
      if (grant.text_of("principal").empty()) {
        found.push_back(make("PIER1077", Severity::error, "grant principal is required", grant, path));
      }
      const Value* privileges = grant.find("privileges");
      const bool none =
          privileges == nullptr || privileges->is_nil() || (privileges->is_list() && privileges->as_list().empty());
      if (none) {
        found.push_back(make("PIER1077", Severity::error, "grant privileges is required", grant, path));
      }
    }
  });
  return found;
}

std::vector<Diagnostic> scope_permissions_without_principal(Loading& loading) {
  std::vector<Diagnostic> found;
  for_each_resource_of(loading.config, "secret_scopes", [&](const std::string& key, const Value& scope) {
    const Value* permissions = scope.find("permissions");
    if (permissions == nullptr || !permissions->is_list()) {
      return;
    }
    for (std::size_t i = 0; i < permissions->as_list().size(); ++i) {
      const Value& entry = permissions->as_list()[i];
      if (entry.text_of("user_name").empty() && entry.text_of("group_name").empty() &&
          entry.text_of("service_principal_name").empty()) {
        auto problem = make("PIER1077", Severity::error, "secret scope permission principal is required", scope,
                            "resources.secret_scopes." + key + ".permissions[" + std::to_string(i) + "]");
        problem.detail = "Set one of user_name, group_name or service_principal_name";
        found.push_back(std::move(problem));
      }
    }
  });
  return found;
}

std::string choices_text(const std::vector<std::string_view>& choices) {
  std::string text = "[";
  for (const auto choice : choices) {
    text += (text.size() > 1 ? " " : "") + std::string(choice);
  }
  return text + "]";
}

/// Reports that `at` holds something that only the tool may set.
void refuse_field(Loading& loading, const Value* at, std::string summary, const std::string& path) {
  loading.error("PIER1078", std::move(summary), at, path, "remove it");
}

} // namespace

void check_required_fields(Loading& loading) {
  std::vector<Diagnostic> errors = missing_for_deploy(loading);
  for (auto more : {broken_grants(loading), scope_permissions_without_principal(loading)}) {
    std::move(more.begin(), more.end(), std::back_inserter(errors));
  }
  const bool failed = !errors.empty();
  add_sorted(loading.diagnostics, std::move(errors));
  if (failed && loading.options.compatible) {
    return;
  }
  std::vector<Diagnostic> warnings;
  auto visit = [&](const Value& value, model::Field field, const PathNode& path) {
    const bool has_no_members_yet = value.is_nil() || value.is_text(); // a reference to a resource
    if ((!value.is_map() && !has_no_members_yet) || !field.has_named_members()) {
      return;
    }
    for (const auto& member : field.members()) {
      if (!member.field.required()) {
        continue;
      }
      const Value* set = value.find(member.name);
      if (set == nullptr || set->is_nil()) {
        warnings.push_back(make("PIER1075", Severity::warning,
                                "required field " + in_quotes(member.name) + " is not set", value, path.to_string()));
      }
    }
  };
  walk_fields(loading.config, model::Field::root(), PathNode{}, visit);
  add_sorted(loading.diagnostics, std::move(warnings));
}

void check_choices(Loading& loading) {
  std::vector<Diagnostic> found;
  auto visit = [&](const Value& value, model::Field field, const PathNode& path) {
    if (!field.has_choices() || !value.is_text() || !model::find_references(value.as_text()).empty()) {
      return;
    }
    const auto choices = field.choices();
    if (std::find(choices.begin(), choices.end(), value.as_text()) != choices.end()) {
      return;
    }
    auto problem = make("PIER1076", Severity::warning,
                        "invalid value " + in_quotes(value.as_text()) + " for enum field. Valid values are " +
                            choices_text(choices),
                        value, path.to_string());
    const std::vector<std::string> names(choices.begin(), choices.end());
    if (const auto best = nearest(to_upper(value.as_text()), names); !best.empty()) {
      problem.help = "did you mean '" + best + "'?";
    }
    found.push_back(std::move(problem));
  };
  walk_fields(loading.config, model::Field::root(), PathNode{}, visit);
  add_sorted(loading.diagnostics, std::move(found));
}

void check_reserved_fields(Loading& loading) {
  Value& config = loading.config;
  const auto refuse_etag = [&](std::string_view kind, const std::string& words, std::string_view name_field) {
    for_each_resource_of(config, kind, [&](const std::string& key, const Value& resource) {
      if (!is_blank(resource.find("etag"))) {
        refuse_field(loading, &resource,
                     words + " " + in_quotes(resource.text_of(name_field)) +
                         " has an etag set. Etags must not be set in bundle configuration",
                     "resources." + std::string(kind) + "." + key);
      }
    });
  };
  refuse_etag("dashboards", "dashboard", "display_name");
  refuse_etag("genie_spaces", "genie space", "title");
  for (const std::string_view kind : {"jobs", "pipelines"}) {
    for_each_resource_of(config, kind, [&](const std::string& key, const Value& resource) {
      for (const std::string_view field : {"deployment_id", "version_id"}) {
        const Value* value = resource.find_path({"deployment", field});
        if (!is_blank(value)) {
          refuse_field(loading, value,
                       std::string(field) + " must not be set in bundle configuration; it is managed by Declarative "
                                            "Automation Bundles",
                       "resources." + std::string(kind) + "." + key + ".deployment." + std::string(field));
        }
      }
    });
  }
  for_each_resource_of(config, "job_runs", [&](const std::string& key, const Value& run) {
    if (const Value* token = run.find("idempotency_token"); !is_blank(token)) {
      refuse_field(loading, token,
                   "idempotency_token must not be set in bundle configuration; the CLI sets it on each run-now request",
                   "resources.job_runs." + key + ".idempotency_token");
    }
  });
}

} // namespace pier::bundles
