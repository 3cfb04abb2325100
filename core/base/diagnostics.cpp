#include "core/base/diagnostics.hpp"

#include <algorithm>
#include <iterator>

namespace pier {

std::string SourceSpan::to_string() const {
  if (line == 0) {
    return file;
  }
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

void Diagnostics::add(Diagnostic diagnostic) {
  items_.push_back(std::move(diagnostic));
}

void Diagnostics::error(std::string code, std::string summary, std::vector<SourceSpan> spans, std::string help) {
  Diagnostic diagnostic;
  diagnostic.code = std::move(code);
  diagnostic.severity = Severity::error;
  diagnostic.summary = std::move(summary);
  diagnostic.spans = std::move(spans);
  diagnostic.help = std::move(help);
  add(std::move(diagnostic));
}

void Diagnostics::warning(std::string code, std::string summary, std::vector<SourceSpan> spans, std::string help) {
  error(std::move(code), std::move(summary), std::move(spans), std::move(help));
  items_.back().severity = Severity::warning;
}

void Diagnostics::append(Diagnostics other) {
  std::move(other.items_.begin(), other.items_.end(), std::back_inserter(items_));
}

std::size_t Diagnostics::count(Severity severity) const {
  return static_cast<std::size_t>(
      std::count_if(items_.begin(), items_.end(), [&](const Diagnostic& item) { return item.severity == severity; }));
}

} // namespace pier
