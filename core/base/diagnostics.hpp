#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pier {

/// A place in a source file. Lines and columns count from 1 (columns in UTF-8 characters);
/// line 0 means the whole file. The end is exclusive and may equal the begin (a point).
struct SourceSpan {
  std::string file; ///< as shown to people: relative to the project, with `/`
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t end_line = 0;
  std::uint32_t end_column = 0;

  [[nodiscard]] std::string to_string() const; ///< "file:line:col", "file" for line 0
  bool operator==(const SourceSpan&) const = default;
};

enum class Severity { recommendation, warning, error };

/// A place that explains a diagnostic further: "first defined here".
struct RelatedPlace {
  SourceSpan span;
  std::string label;
  bool operator==(const RelatedPlace&) const = default;
};

/// One reported problem of the user's input. Rendering (code frames, JSON, SARIF …) lives in cli/render.
struct Diagnostic {
  std::string code; ///< "PIER1004"; explained by `pier explain`
  Severity severity = Severity::error;
  std::string summary;            ///< one line
  std::string detail;             ///< optional further text
  std::string help;               ///< how to fix it
  std::vector<SourceSpan> spans;  ///< the first is the primary place; may be empty
  std::vector<std::string> paths; ///< configuration paths: "resources.jobs.x"
  std::vector<RelatedPlace> related;

  bool operator==(const Diagnostic&) const = default;
};

/// Collects every problem of a run; loaders and validators report here and go on.
class Diagnostics {
 public:
  void add(Diagnostic diagnostic);
  void error(std::string code, std::string summary, std::vector<SourceSpan> spans = {}, std::string help = {});
  void warning(std::string code, std::string summary, std::vector<SourceSpan> spans = {}, std::string help = {});
  void append(Diagnostics other);

  [[nodiscard]] std::span<const Diagnostic> all() const { return items_; }

  [[nodiscard]] std::size_t count(Severity severity) const;

  [[nodiscard]] bool has_errors() const { return count(Severity::error) > 0; }

  [[nodiscard]] bool empty() const { return items_.empty(); }

 private:
  std::vector<Diagnostic> items_;
};

/// The long text of one code, shown by `pier explain CODE`. Each room lists its own.
struct Explanation {
  std::string_view code;  ///< "PIER1004"
  std::string_view title; ///< one line
  std::string_view text;  ///< what it means, an example, the remedy; plain text, several lines
};

} // namespace pier
