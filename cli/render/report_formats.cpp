#include "cli/render/report_formats.hpp"

#include "cli/render/diagnostics.hpp"
#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <map>

namespace pier::cli {
namespace {

SourceSpan place_of(const Diagnostic& item) {
  return item.spans.empty() ? SourceSpan{.file = "databricks.yml"} : item.spans.front();
}

std::int64_t line_of(const SourceSpan& span) {
  return std::max<std::int64_t>(span.line, 1);
}

std::int64_t column_of(const SourceSpan& span) {
  return std::max<std::int64_t>(span.column, 1);
}

/// Summary, detail and help as one text.
std::string full_text(const Diagnostic& item) {
  std::string text = item.summary;
  for (const auto* part : {&item.detail, &item.help}) {
    if (!part->empty()) {
      text += "\n" + *part;
    }
  }
  return text;
}

/// Escapes of GitHub's workflow commands; properties escape `:` and `,` too.
std::string github_escape(std::string text, bool property) {
  text = replace_all(replace_all(replace_all(std::move(text), "%", "%25"), "\r", "%0D"), "\n", "%0A");
  return property ? replace_all(replace_all(std::move(text), ":", "%3A"), ",", "%2C") : text;
}

std::string github(std::span<const Diagnostic> diagnostics) {
  std::string out;
  for (const auto& item : diagnostics) {
    const auto place = place_of(item);
    const std::string_view command = item.severity == Severity::error     ? "error"
                                     : item.severity == Severity::warning ? "warning"
                                                                          : "notice";
    out += "::" + std::string(command) + " file=" + github_escape(place.file, true) +
           ",line=" + std::to_string(line_of(place)) + ",col=" + std::to_string(column_of(place)) +
           ",title=" + github_escape(item.code, true) + "::" + github_escape(full_text(item), false) + "\n";
  }
  return out;
}

std::string gitlab(std::span<const Diagnostic> diagnostics) {
  Json list = Json::array();
  for (const auto& item : diagnostics) {
    const auto place = place_of(item);
    const std::string_view severity = item.severity == Severity::error     ? "major"
                                      : item.severity == Severity::warning ? "minor"
                                                                           : "info";
    // Stable while lines above move: what and where by path, not by line.
    const auto fingerprint =
        sha256(item.code + "\n" + item.summary + "\n" + place.file + "\n" + join(item.paths, "\n"));
    list.push_back(Json::object(
        {{"description", full_text(item)},
         {"check_name", item.code},
         {"fingerprint", hex_encode(fingerprint)},
         {"severity", severity},
         {"location", Json::object({{"path", place.file}, {"lines", Json::object({{"begin", line_of(place)}})}})}}));
  }
  return list.dump(2) + "\n";
}

Json sarif_region(const SourceSpan& span) {
  Json region = Json::object({{"startLine", line_of(span)}, {"startColumn", column_of(span)}});
  if (span.end_line > 0) {
    region["endLine"] = static_cast<std::int64_t>(span.end_line);
    region["endColumn"] = static_cast<std::int64_t>(span.end_column);
  }
  return region;
}

std::string sarif(std::span<const Diagnostic> diagnostics) {
  Json results = Json::array();
  std::map<std::string, std::string> rules;
  for (const auto& item : diagnostics) {
    const auto place = place_of(item);
    rules.emplace(item.code, item.summary);
    const std::string_view level = item.severity == Severity::error     ? "error"
                                   : item.severity == Severity::warning ? "warning"
                                                                        : "note";
    const auto physical = Json::object({{"artifactLocation", Json::object({{"uri", percent_encode(place.file, true)}})},
                                        {"region", sarif_region(place)}});
    results.push_back(Json::object({{"ruleId", item.code},
                                    {"level", level},
                                    {"message", Json::object({{"text", full_text(item)}})},
                                    {"locations", Json::array({Json::object({{"physicalLocation", physical}})})}}));
  }
  Json rule_list = Json::array();
  for (const auto& [code, summary] : rules) {
    rule_list.push_back(Json::object({{"id", code}, {"shortDescription", Json::object({{"text", summary}})}}));
  }
  const auto driver = Json::object({{"name", "pier"}, {"rules", rule_list}});
  const auto run = Json::object({{"tool", Json::object({{"driver", driver}})}, {"results", results}});
  return Json::object({{"version", "2.1.0"},
                       {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                       {"runs", Json::array({run})}})
             .dump(2) +
         "\n";
}

std::string xml_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
    case '&': out += "&amp;"; break;
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    case '"': out += "&quot;"; break;
    case '\n': out += "&#10;"; break;
    default:
      // Other control characters are not allowed in XML 1.0.
      out += static_cast<unsigned char>(c) < 0x20 && c != '\t' ? ' ' : c;
    }
  }
  return out;
}

std::string junit(std::span<const Diagnostic> diagnostics) {
  const auto failures = std::count_if(diagnostics.begin(), diagnostics.end(),
                                      [](const Diagnostic& item) { return item.severity == Severity::error; });
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"pier validate\" tests=\"" +
      std::to_string(std::max<std::size_t>(diagnostics.size(), 1)) + "\" failures=\"" + std::to_string(failures) +
      "\">\n";
  if (diagnostics.empty()) {
    out += "    <testcase classname=\"bundle\" name=\"valid\"/>\n";
  }
  for (const auto& item : diagnostics) {
    const auto place = place_of(item);
    out += "    <testcase classname=\"" + xml_escape(place.file) + "\" name=\"" +
           xml_escape(item.code + " " + item.summary) + "\" file=\"" + xml_escape(place.file) + "\" line=\"" +
           std::to_string(line_of(place)) + "\">\n";
    const auto body =
        "message=\"" + xml_escape(item.summary) + "\">" + xml_escape(place.to_string() + "\n" + full_text(item));
    out += item.severity == Severity::error
               ? "      <failure type=\"" + xml_escape(item.code) + "\" " + body + "</failure>\n"
               : "      <system-out>" + xml_escape(place.to_string() + "\n" + full_text(item)) + "</system-out>\n";
    out += "    </testcase>\n";
  }
  return out + "  </testsuite>\n</testsuites>\n";
}

} // namespace

std::vector<std::string> report_formats() {
  return {"json", "github", "gitlab", "sarif", "junit"};
}

std::string render_report(std::string_view format, std::span<const Diagnostic> diagnostics) {
  if (format == "github") {
    return github(diagnostics);
  }
  if (format == "gitlab") {
    return gitlab(diagnostics);
  }
  if (format == "sarif") {
    return sarif(diagnostics);
  }
  if (format == "junit") {
    return junit(diagnostics);
  }
  return Json::object({{"diagnostics", diagnostics_to_json(diagnostics)}}).dump(2) + "\n";
}

} // namespace pier::cli
