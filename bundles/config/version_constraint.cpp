#include "bundles/config/version_constraint.hpp"

#include "bundles/config/quotes.hpp"
#include "core/base/text.hpp"

#include <array>
#include <optional>

namespace pier::bundles {
namespace {

using Version = std::array<std::int64_t, 3>;

std::optional<Version> parse_version(std::string_view text) {
  const auto parts = split(text, '.');
  Version version{};
  if (parts.size() != version.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < version.size(); ++i) {
    if (!parse_int64(parts[i], version[i]) || version[i] < 0) {
      return std::nullopt;
    }
  }
  return version;
}

/// One condition: ">= 0.229.0", or a version alone for equality. Nothing: not a condition.
std::optional<bool> holds(std::string_view condition, const Version& current) {
  static constexpr std::array<std::string_view, 6> k_operators = {">=", "<=", "!=", ">", "<", "="};
  std::string_view op = "=";
  for (const auto candidate : k_operators) {
    if (condition.starts_with(candidate)) {
      op = candidate;
      condition.remove_prefix(candidate.size());
      break;
    }
  }
  const auto wanted = parse_version(trim(condition));
  if (!wanted) {
    return std::nullopt;
  }
  if (op == ">=") {
    return current >= *wanted;
  }
  if (op == "<=") {
    return current <= *wanted;
  }
  if (op == ">") {
    return current > *wanted;
  }
  if (op == "<") {
    return current < *wanted;
  }
  return op == "!=" ? current != *wanted : current == *wanted;
}

} // namespace

void check_version_constraint(Loading& loading) {
  const Value* written = loading.config.find_path({"bundle", "databricks_cli_version"});
  if (written == nullptr || !written->is_text() || written->as_text().empty()) {
    return;
  }
  const auto& text = written->as_text();
  const auto current = parse_version(k_language_version);
  bool satisfied = true;
  for (const auto& condition : split(text, ',')) {
    const auto answer = holds(trim(condition), *current);
    if (!answer) {
      loading.error("PIER1068",
                    "invalid version constraint " + in_quotes(text) +
                        " specified. Please specify the version constraint in the format (>=) 0.0.0(, <= 1.0.0)",
                    loading.extra(written));
      return;
    }
    satisfied = satisfied && *answer;
  }
  if (!satisfied) {
    loading.error("PIER1068",
                  "Databricks CLI version constraint not satisfied. Required: " + text +
                      ", current: " + std::string(k_language_version),
                  loading.extra(written));
  }
}

} // namespace pier::bundles
