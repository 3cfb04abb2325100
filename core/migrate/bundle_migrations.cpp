#include "core/migrate/bundle_migrations.hpp"

#include "core/base/text.hpp"

namespace pier::migrate {

namespace {

constexpr int k_max_references = 32;

const Json* config_of(const model::ResourceGraph& graph, std::string_view kind, const std::string& key) {
  const auto* node = graph.find({std::string(kind), key, {}});
  return node == nullptr ? nullptr : &node->config;
}

/// A text whose references lead to texts in the configuration; empty when one of them does not.
std::string resolved(const model::ResourceGraph& graph, std::string text) {
  for (int round = 0; round < k_max_references; ++round) {
    const auto references = model::find_references(text);
    if (references.empty()) {
      return text;
    }
    const auto& first = references.front();
    const auto target = model::parse_resource_reference(first.path);
    const auto* config = target ? config_of(graph, target->target.kind, target->target.key) : nullptr;
    for (const auto& step : target ? split(target->field, '.') : std::vector<std::string>()) {
      config = config == nullptr ? nullptr : config->find(step);
    }
    if (config == nullptr || !config->is_string()) {
      return {};
    }
    text.replace(first.begin, first.end - first.begin, config->as_string());
  }
  return {};
}

std::string resolved_member(const model::ResourceGraph& graph, const Json& config, std::string_view member) {
  return resolved(graph, config.get_string(member));
}

/// By resource key, by name, or by the end of the name: targets may put a prefix before it. Empty: by none of them.
std::string instance_of_folder(const model::ResourceGraph& graph, const std::string& folder,
                               std::vector<std::string>& known) {
  std::vector<std::string> by_end;
  for (const auto& [key, node] : graph.nodes) {
    if (key.kind != "database_instances" || key.is_part()) {
      continue;
    }
    const auto name = resolved_member(graph, node.config, "name");
    if (key.key == folder || name == folder) {
      return name;
    }
    if (name.ends_with("-" + folder) || name.ends_with("_" + folder)) {
      by_end.push_back(name);
    }
    known.push_back(key.key);
    known.push_back(name);
  }
  return by_end.size() == 1 ? by_end.front() : std::string();
}

} // namespace

Result<std::vector<MigrationTarget>> migration_targets(const model::Bundle& bundle, Diagnostics& diagnostics) {
  PIER_TRY_ASSIGN(auto sets, read_migrations(bundle.root, diagnostics));
  std::vector<MigrationTarget> out;
  for (auto& set : sets) {
    std::vector<std::string> known;
    auto instance = instance_of_folder(bundle.graph, set.instance, known);
    if (instance.empty() && known.empty()) {
      instance = set.instance; // it belongs to another bundle
    } else if (instance.empty()) {
      const auto near = nearest(set.instance, known);
      diagnostics.error("PIER8415", "the folder belongs to no database instance of the bundle",
                        {SourceSpan{.file = "migrations/" + set.instance}},
                        "name it " + (near.empty() ? known.front() : near));
      continue;
    }
    out.push_back({std::move(set), std::move(instance)});
  }
  return out;
}

std::vector<SyncedTable> synced_tables(const model::ResourceGraph& graph) {
  std::vector<SyncedTable> out;
  for (const auto& [key, node] : graph.nodes) {
    if (key.kind != "synced_database_tables" || key.is_part()) {
      continue;
    }
    const auto parts = split(resolved_member(graph, node.config, "name"), '.');
    if (parts.size() != 3) {
      continue;
    }
    SyncedTable table{.instance = resolved_member(graph, node.config, "database_instance_name"),
                      .database = resolved_member(graph, node.config, "logical_database_name"),
                      .table = parts[1] + "." + parts[2]};
    // In a catalog that is a database's, that database is meant.
    for (const auto& [other, catalog] : graph.nodes) {
      if (other.kind == "database_catalogs" && !other.is_part() &&
          resolved_member(graph, catalog.config, "name") == parts[0]) {
        table.instance = resolved_member(graph, catalog.config, "database_instance_name");
        table.database = resolved_member(graph, catalog.config, "database_name");
      }
    }
    if (!table.instance.empty() && !table.database.empty()) {
      out.push_back(std::move(table));
    }
  }
  return out;
}

} // namespace pier::migrate
