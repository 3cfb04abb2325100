#include "bundles/config/normalise.hpp"
#include "bundles/config/path.hpp"
#include "bundles/steps/steps.hpp"
#include "core/base/files.hpp"
#include "core/model/resource_key.hpp"

#include <algorithm>
#include <array>

namespace pier::bundles {
namespace {

/// What the configuration may say beside `file_path`; all else stands in the file.
constexpr std::array<std::string_view, 5> k_beside_file = {"warehouse_id", "display_name", "file_path", "permissions",
                                                           "lifecycle"};

/// True if nothing else is written; reports the first field that is.
bool has_only_allowed_fields(Loading& loading, const std::string& path, const Value& alert) {
  for (const auto& entry : alert.as_map().entries()) {
    const bool allowed = std::find(k_beside_file.begin(), k_beside_file.end(), entry.key) != k_beside_file.end();
    if (!allowed && !entry.value.is_nil()) {
      loading.report(Severity::error, "PIER1089", "field " + entry.key + " is not allowed in the bundle configuration.",
                     &entry.value, path + "." + entry.key, "move it to the file",
                     "When a .dbalert.json is specified, only the following fields are allowed in the bundle "
                     "configuration: warehouse_id, display_name, file_path, permissions, lifecycle");
      return false;
    }
  }
  return true;
}

std::string joined_lines(const Json& content, std::string_view key) {
  std::string text;
  if (const auto* lines = content.find(key); lines != nullptr && lines->is_array()) {
    for (const auto& line : lines->as_array()) {
      text += (line.is_string() ? line.as_string() : std::string()) + "\n";
    }
  }
  return text;
}

void take_content(Value& alert, const Json& content) {
  Value taken = Value::from_json(content);
  for (const auto field : k_beside_file) {
    taken.as_map().erase(field);
  }
  for (const std::string_view key : {"query_text", "custom_description", "query_lines", "custom_description_lines"}) {
    taken.as_map().erase(key);
  }
  Diagnostics unknown; // the file may hold more than a bundle knows
  normalise(taken, *model::Field::at("resources.alerts.*"), PathNode{}, unknown);
  for (auto& entry : taken.as_map().entries()) {
    alert.set(entry.key, std::move(entry.value));
  }
  for (const auto& [lines, field] :
       {std::pair("query_lines", "query_text"), std::pair("custom_description_lines", "custom_description")}) {
    if (auto text = joined_lines(content, lines); !text.empty()) {
      alert.set(field, Value::text(text));
    }
  }
}

void load_alert(Loading& loading, const std::string& key, Value& alert) {
  const Value* file = alert.find("file_path");
  const auto path = "resources.alerts." + key;
  if (file == nullptr || !file->is_text() || file->as_text().empty() ||
      !has_only_allowed_fields(loading, path, alert)) {
    return;
  }
  const auto& name = file->as_text();
  const auto fail = [&](const std::string& summary, const std::string& detail = {}) {
    loading.report(Severity::error, "PIER1092", summary, file, path + ".file_path", "correct the file or its path",
                   detail);
  };
  const auto full = loading.root / name;
  const auto text = read_file(full);
  if (!text) {
    fail("failed to read .dbalert.json file " + name + ": open " + full.generic_string() +
         ": no such file or directory");
    return;
  }
  const auto content = Json::parse(*text);
  if (!content || !content->is_object()) {
    fail("failed to parse .dbalert.json file " + name + ": " +
         (content ? "it holds no object" : content.error().message));
    return;
  }
  if (!model::find_references(*text).empty()) {
    fail(".alert file " + name + " must not contain variable interpolations.",
         "Please inline the alert configuration in the bundle configuration to use variables");
    return;
  }
  take_content(alert, *content);
}

} // namespace

void load_alert_files(Loading& loading) {
  for_each_resource_of(loading.config, "alerts",
                       [&](const std::string& key, Value& alert) { load_alert(loading, key, alert); });
}

} // namespace pier::bundles
