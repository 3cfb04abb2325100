#include "cli/render/bundle_text.hpp"

#include <vector>

namespace pier::cli {
namespace {

std::string_view severity_word(Severity severity) {
  switch (severity) {
  case Severity::error: return "Error";
  case Severity::warning: return "Warning";
  case Severity::recommendation: break;
  }
  return "Recommendation";
}

/// "  at first\n     second"
void append_list(std::string& out, std::string_view word, const std::vector<std::string>& items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    out += i == 0 ? "\n  " + std::string(word) + " " : "\n     ";
    out += items[i];
  }
}

void append_diagnostic(std::string& out, const Diagnostic& diagnostic) {
  out += std::string(severity_word(diagnostic.severity)) + ": " + diagnostic.summary;
  if (!diagnostic.paths.empty() && !diagnostic.paths.front().empty()) {
    append_list(out, "at", diagnostic.paths);
  }
  std::vector<std::string> places;
  for (const auto& span : diagnostic.spans) {
    places.push_back(span.to_string());
  }
  append_list(out, "in", places);
  if (!diagnostic.detail.empty()) {
    out += "\n\n" + diagnostic.detail;
  }
  out += "\n\n";
}

std::string plural(std::size_t count, const std::string& word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

} // namespace

std::string render_compatible_diagnostics(std::span<const Diagnostic> diagnostics) {
  std::string out;
  for (const auto& diagnostic : diagnostics) {
    append_diagnostic(out, diagnostic);
  }
  return out;
}

std::string render_compatible_header(const model::Bundle* bundle) {
  if (bundle == nullptr) {
    return {};
  }
  const auto* user_value = bundle->config.find_path({"workspace", "current_user", "userName"});
  const auto user = user_value != nullptr && user_value->is_string() ? user_value->as_string() : std::string();
  if (bundle->name.empty()) {
    return "\n";
  }
  std::string out = "Name: " + bundle->name + "\n";
  if (!bundle->target.empty()) {
    out += "Target: " + bundle->target + "\n";
  }
  if (!bundle->workspace.host.empty() || !user.empty() || !bundle->paths.root_path.empty()) {
    out += "Workspace:\n";
    const std::pair<std::string_view, const std::string&> lines[] = {
        {"  Host: ", bundle->workspace.host}, {"  User: ", user}, {"  Path: ", bundle->paths.root_path}};
    for (const auto& [label, text] : lines) {
      out += text.empty() ? std::string() : std::string(label) + text + "\n";
    }
  }
  return out + "\n";
}

std::string render_compatible_trailer(const Diagnostics& diagnostics) {
  std::vector<std::string> parts;
  const std::pair<Severity, std::string> kinds[] = {
      {Severity::error, "error"}, {Severity::warning, "warning"}, {Severity::recommendation, "recommendation"}};
  for (const auto& [severity, word] : kinds) {
    if (const auto count = diagnostics.count(severity); count > 0) {
      parts.push_back(plural(count, word));
    }
  }
  if (parts.empty()) {
    return "Validation OK!\n";
  }
  if (parts.size() == 3) {
    return "Found " + parts[0] + ", " + parts[1] + ", and " + parts[2] + "\n";
  }
  return "Found " + parts[0] + (parts.size() == 2 ? " and " + parts[1] : "") + "\n";
}

} // namespace pier::cli
