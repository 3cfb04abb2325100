#include "bundles/loading.hpp"

#include "core/base/answer_text.hpp"
#include "core/base/text.hpp"
#include "core/model/principal.hpp"

#include <algorithm>

namespace pier::bundles {

std::optional<Diagnostic> Loading::as_told(Diagnostic problem) const {
  if (options.compatible && problem.code.starts_with("PIER19")) {
    return std::nullopt;
  }
  if (options.compatible && problem.code == "PIER1030") {
    problem.spans.clear();
  }
  return problem;
}

void Loading::publish() {
  const auto all = diagnostics.all();
  for (; options.on_problem && published_ < all.size(); ++published_) {
    if (const auto told = as_told(all[published_])) {
      options.on_problem(*told);
    }
  }
}

void Loading::remark(const std::string& text) {
  publish();
  if (options.on_remark) {
    options.on_remark(text);
  }
}

void Loading::note(const std::string& text) {
  publish();
  if (options.on_note) {
    options.on_note(text);
  }
}

void Loading::report(Severity severity, std::string code, std::string summary, const Value* at, std::string path,
                     std::string help, std::string detail) {
  Diagnostic problem;
  problem.code = std::move(code);
  problem.severity = severity;
  problem.summary = std::move(summary);
  problem.detail = std::move(detail);
  problem.help = std::move(help);
  if (at != nullptr) {
    problem.spans = at->spans();
  }
  if (!path.empty()) {
    problem.paths = {std::move(path)};
  }
  diagnostics.add(std::move(problem));
}

void Loading::error(std::string code, std::string summary, const Value* at, std::string path, std::string help) {
  report(Severity::error, std::move(code), std::move(summary), at, std::move(path), std::move(help));
}

void Loading::error_at_last(std::string code, std::string summary, const Value& at, std::string help) {
  Value last;
  last.set_place(at.place());
  error(std::move(code), std::move(summary), &last, {}, std::move(help));
}

void Loading::failed(const Error& error, const Value* at) {
  const bool whole = options.compatible;
  report(Severity::error, error.code, whole ? summary_of(error) : error.to_string(), at, {}, error.hint,
         whole ? answer_of(error) : std::string());
}

void Loading::warning(std::string code, std::string summary, const Value* at, std::string path, std::string help) {
  report(Severity::warning, std::move(code), std::move(summary), at, std::move(path), std::move(help));
}

std::string short_name_of(const model::CurrentUser& user) {
  const bool use_display_name = user.is_service_principal && !user.display_name.empty();
  return model::short_name(use_display_name ? user.display_name : user.user_name);
}

std::string domain_friendly_name_of(const model::CurrentUser& user) {
  std::string out;
  for (const char c : to_lower(short_name_of(user))) {
    const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    out += alphanumeric ? c : '-';
  }
  return out;
}

} // namespace pier::bundles
