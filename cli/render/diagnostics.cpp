#include "cli/render/diagnostics.hpp"

#include "core/base/files.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace pier::cli {
namespace {

/// Source files by name, each read once; one that cannot be read has no lines.
class Sources {
 public:
  explicit Sources(const std::filesystem::path& root)
      : root_(root) {}

  std::optional<std::string> line(const SourceSpan& span) {
    auto it = files_.find(span.file);
    if (it == files_.end()) {
      const auto text = read_file(root_ / span.file);
      it = files_.emplace(span.file, text ? split(*text, '\n') : std::vector<std::string>()).first;
    }
    if (span.line == 0 || span.line > it->second.size()) {
      return std::nullopt;
    }
    std::string text = it->second[span.line - 1];
    if (!text.empty() && text.back() == '\r') {
      text.pop_back();
    }
    return text;
  }

 private:
  const std::filesystem::path& root_;
  std::map<std::string, std::vector<std::string>> files_;
};

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

/// Blanks up to the column, keeping tabs so that the caret stands below its character.
std::string indent_to(std::string_view line, std::uint32_t column) {
  std::string out;
  std::uint32_t at = 1;
  for (const char c : line) {
    if (is_continuation(c)) {
      continue;
    }
    if (at++ >= column) {
      break;
    }
    out += c == '\t' ? '\t' : ' ';
  }
  return out;
}

std::size_t caret_count(const SourceSpan& span, std::string_view line) {
  const auto characters = count_characters(line);
  const std::size_t room = characters >= span.column ? characters - span.column + 1 : 1;
  if (span.end_line == span.line && span.end_column > span.column) {
    return std::min<std::size_t>(span.end_column - span.column, room);
  }
  return span.end_line > span.line ? room : 1;
}

/// Long lines (minified JSON) are cut around the place.
constexpr std::size_t k_max_line = 160;

void append_frame(std::string& out, Sources& sources, const SourceSpan& span, std::string_view label,
                  std::string (Style::*paint)(std::string_view) const, const Style& style) {
  const auto number = std::to_string(span.line);
  const std::string margin(number.size(), ' ');
  out += margin + style.blue(" --> ") + span.to_string() + "\n";
  auto line = sources.line(span);
  if (!line || line->size() > k_max_line || !std::all_of(line->begin(), line->end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 || c == '\t';
      })) {
    return;
  }
  out += margin + style.blue("  |") + "\n";
  out += style.blue(number + "  | ") + *line + "\n";
  out += margin + style.blue("  | ") + indent_to(*line, span.column) +
         (style.*paint)(std::string(caret_count(span, *line), '^'));
  out += label.empty() ? "\n" : " " + std::string(label) + "\n";
}

std::string_view severity_name(Severity severity) {
  switch (severity) {
  case Severity::error: return "error";
  case Severity::warning: return "warning";
  case Severity::recommendation: break;
  }
  return "recommendation";
}

using Paint = std::string (Style::*)(std::string_view) const;

Paint paint_of(Severity severity) {
  switch (severity) {
  case Severity::error: return &Style::red;
  case Severity::warning: return &Style::yellow;
  case Severity::recommendation: break;
  }
  return &Style::cyan;
}

void append_note(std::string& out, std::string_view kind, std::string_view text, const Style& style) {
  bool first = true;
  for (const auto& line : split(text, '\n')) {
    out += first ? style.blue("   = ") + style.bold(std::string(kind) + ": ") + line + "\n" : "     " + line + "\n";
    first = false;
  }
}

} // namespace

std::string render_diagnostics(std::span<const Diagnostic> diagnostics, const std::filesystem::path& root,
                               const Style& style) {
  Sources sources(root);
  std::string out;
  for (const auto& item : diagnostics) {
    const Paint paint = paint_of(item.severity);
    auto title = std::string(severity_name(item.severity));
    if (!item.code.empty()) {
      title += "[" + item.code + "]";
    }
    out += (style.*paint)(title) + style.bold(": " + item.summary) + "\n";
    for (const auto& span : item.spans) {
      append_frame(out, sources, span, {}, paint, style);
    }
    for (const auto& related : item.related) {
      append_frame(out, sources, related.span, related.label, &Style::blue, style);
    }
    for (const auto& path : item.paths) {
      append_note(out, "at", path, style);
    }
    if (!item.detail.empty()) {
      append_note(out, "note", item.detail, style);
    }
    if (!item.help.empty()) {
      append_note(out, "help", item.help, style);
    }
    out += "\n";
  }
  return out;
}

std::string render_error(const Error& error, const Style& style) {
  const auto title = error.code.empty() ? std::string("error") : "error[" + error.code + "]";
  std::string out = style.red(title) + style.bold(": " + error.to_string()) + "\n";
  if (!error.hint.empty()) {
    append_note(out, "help", error.hint, style);
  }
  return out;
}

Json diagnostics_to_json(std::span<const Diagnostic> diagnostics) {
  Json list = Json::array();
  for (const auto& item : diagnostics) {
    Json entry = Json::object({{"code", item.code},
                               {"severity", severity_name(item.severity)},
                               {"summary", item.summary},
                               {"paths", Json::strings(item.paths)}});
    Json locations = Json::array();
    for (const auto& span : item.spans) {
      locations.push_back(Json::object({{"file", span.file},
                                        {"line", static_cast<std::int64_t>(span.line)},
                                        {"column", static_cast<std::int64_t>(span.column)}}));
    }
    entry["locations"] = std::move(locations);
    if (!item.detail.empty()) {
      entry["detail"] = item.detail;
    }
    if (!item.help.empty()) {
      entry["help"] = item.help;
    }
    list.push_back(std::move(entry));
  }
  return list;
}

std::string count_diagnostics(const Diagnostics& diagnostics) {
  std::string out;
  const auto append = [&](Severity severity, std::string_view name) {
    const auto count = diagnostics.count(severity);
    if (count > 0) {
      out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(name) + (count > 1 ? "s" : "");
    }
  };
  append(Severity::error, "error");
  append(Severity::warning, "warning");
  append(Severity::recommendation, "recommendation");
  return out;
}

} // namespace pier::cli
