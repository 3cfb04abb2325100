#include "bundles/config/path.hpp"
#include "bundles/steps/steps.hpp"

#include <map>

namespace pier::bundles {
namespace {

/// What the bundle itself makes, by the names as written.
struct Owned {
  std::map<std::pair<std::string, std::string>, std::string> schemas; ///< catalog and name → key
  std::map<std::string, std::string> catalogs;                        ///< name → key
};

Owned collect(Value& config) {
  Owned owned;
  for_each_resource_of(config, "schemas", [&](const std::string& key, const Value& schema) {
    owned.schemas.emplace(std::pair(schema.text_of("catalog_name"), schema.text_of("name")), key);
  });
  for_each_resource_of(config, "catalogs", [&](const std::string& key, const Value& catalog) {
    owned.catalogs.emplace(catalog.text_of("name"), key);
  });
  return owned;
}

std::string schema_reference(const Owned& owned, const std::string& catalog, const std::string& schema) {
  const auto it = owned.schemas.find({catalog, schema});
  const bool found = it != owned.schemas.end() && !catalog.empty() && !schema.empty();
  return found ? "${resources.schemas." + it->second + ".name}" : schema;
}

std::string catalog_reference(const Owned& owned, const std::string& catalog) {
  const auto it = owned.catalogs.find(catalog);
  return it != owned.catalogs.end() && !catalog.empty() ? "${resources.catalogs." + it->second + ".name}" : catalog;
}

void replace_text(Value& map, std::string_view key, const std::string& text) {
  Value* value = map.find(key);
  if (value != nullptr && value->is_text()) {
    value->assign(text);
  }
}

/// Ties a pair of fields that name a schema to the bundle's own.
void tie(const Owned& owned, Value* map, std::string_view catalog_key, std::string_view schema_key) {
  if (map == nullptr || !map->is_map()) {
    return;
  }
  const auto catalog = map->text_of(catalog_key);
  replace_text(*map, schema_key, schema_reference(owned, catalog, map->text_of(schema_key)));
  replace_text(*map, catalog_key, catalog_reference(owned, catalog));
}

void tie_monitor(const Owned& owned, Value& monitor) {
  const auto name = monitor.text_of("output_schema_name");
  const auto dot = name.find('.');
  if (dot == std::string::npos) {
    return;
  }
  const auto catalog = name.substr(0, dot);
  replace_text(monitor, "output_schema_name",
               catalog_reference(owned, catalog) + "." + schema_reference(owned, catalog, name.substr(dot + 1)));
}

} // namespace

void capture_catalog_names(Loading& loading) {
  Value& config = loading.config;
  const Owned owned = collect(config);
  if (owned.schemas.empty() && owned.catalogs.empty()) {
    return;
  }
  for (const std::string_view kind : {"volumes", "secrets", "registered_models"}) {
    for_each_resource_of(config, kind, [&](const std::string&, Value& resource) {
      tie(owned, &resource, "catalog_name", "schema_name");
    });
  }
  for_each_resource_of(config, "pipelines", [&](const std::string&, Value& pipeline) {
    const auto catalog = pipeline.text_of("catalog");
    replace_text(pipeline, "target", schema_reference(owned, catalog, pipeline.text_of("target")));
    tie(owned, &pipeline, "catalog", "schema");
  });
  for_each_resource_of(config, "quality_monitors",
                       [&](const std::string&, Value& monitor) { tie_monitor(owned, monitor); });
  for_each_resource_of(config, "model_serving_endpoints", [&](const std::string&, Value& endpoint) {
    tie(owned, endpoint.find_path({"ai_gateway", "inference_table_config"}), "catalog_name", "schema_name");
    tie(owned, endpoint.find_path({"config", "auto_capture_config"}), "catalog_name", "schema_name");
  });
  for_each_resource_of(config, "schemas", [&](const std::string&, Value& schema) {
    replace_text(schema, "catalog_name", catalog_reference(owned, schema.text_of("catalog_name")));
  });
}

} // namespace pier::bundles
