#include "bundles/config/times.hpp"

#include "bundles/config/path.hpp"
#include "bundles/config/quotes.hpp"

#include <algorithm>
#include <array>

namespace pier::bundles {
namespace {

constexpr std::array<std::string_view, 3> k_durations = {"suspend_timeout_duration", "history_retention_duration",
                                                         "ttl"};
constexpr std::array<std::string_view, 2> k_times = {"expire_time", "source_branch_time"};

/// As `pattern` says: `9` is a digit, anything else itself.
bool has_form(std::string_view text, std::string_view pattern) {
  return text.size() == pattern.size() && std::equal(text.begin(), text.end(), pattern.begin(), [](char c, char p) {
           return p == '9' ? c >= '0' && c <= '9' : c == p;
         });
}

/// Takes digits from the front; false without any.
bool take_digits(std::string_view& text) {
  const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(end);
  return end > 0;
}

bool take_fraction(std::string_view& text) {
  if (!text.starts_with('.')) {
    return true;
  }
  text.remove_prefix(1);
  return take_digits(text);
}

/// "-3.5s"
bool is_duration(std::string_view text) {
  text.remove_prefix(text.starts_with('-') ? 1 : 0);
  return take_digits(text) && take_fraction(text) && text == "s";
}

/// "2026-01-31T10:00:00.5Z", "…+02:00"
bool is_time(std::string_view text) {
  constexpr std::string_view k_seconds = "9999-99-99T99:99:99";
  if (!has_form(text.substr(0, k_seconds.size()), k_seconds)) {
    return false;
  }
  text.remove_prefix(k_seconds.size());
  return take_fraction(text) && (text == "Z" || has_form(text, "+99:99") || has_form(text, "-99:99"));
}

template <std::size_t N> bool contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The official CLI reads no further than the first error.
bool may_report(const Loading& loading) {
  return !loading.options.compatible || !loading.diagnostics.has_errors();
}

} // namespace

void check_times(Loading& loading, Value& file, const std::string& name) {
  for_each_resource(file, [&](std::string_view kind, const std::string&, Value& resource) {
    if (!kind.starts_with("postgres_") && kind != "secrets") {
      return;
    }
    const auto visit = [&](Value& value, const PathNode& path) {
      const auto& text = value.as_text();
      const bool duration = contains(k_durations, path.key);
      const bool wrong = duration ? !is_duration(text) : contains(k_times, path.key) && !is_time(text);
      if (wrong && text.find("${") == std::string::npos && may_report(loading)) {
        loading.error("PIER1015",
                      "failed to load " + (loading.root / name).string() +
                          ": proto: (line 1:1): invalid google.protobuf." + (duration ? "Duration" : "Timestamp") +
                          " value " + in_quotes(text),
                      loading.extra(&value), {},
                      duration ? "write seconds with an s, such as 300s" : "write it like 2026-01-31T10:00:00Z");
      }
    };
    walk_texts(resource, PathNode{}, visit);
  });
}

} // namespace pier::bundles
