#pragma once

#include "bundles/yaml/source_text.hpp"
#include "bundles/yaml/value.hpp"
#include "core/base/diagnostics.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::bundles {

/// Thrown out of the parser's callbacks after a problem that makes further reading pointless; it was
/// reported. Never leaves read_yaml.
struct StopReading {};

/// Builds the tree from the parser's events: resolves scalars, expands aliases within bounds, applies
/// merge keys. Anchor 0 means none.
class TreeBuilder {
 public:
  TreeBuilder(const SourceText& source, Diagnostics& diagnostics)
      : source_(source),
        diagnostics_(diagnostics) {}

  void null(Position at, std::size_t anchor);
  void scalar(Position at, const std::string& tag, std::size_t anchor, const std::string& text);
  void alias(Position at, std::size_t anchor);
  void open(Position at, std::size_t anchor, bool is_list);
  void close();

  void name_anchor(std::string name) { next_anchor_name_ = std::move(name); }

  /// The finished document; nil if there was none.
  Value take() { return std::move(root_); }

 private:
  struct Key {
    std::string text;
    Place place;
    std::size_t end = 0; ///< offset behind it
    bool is_merge = false;
  };

  struct Frame {
    Value value;
    std::size_t anchor = 0;
    std::optional<Key> key;
    std::vector<Value> merged; ///< maps of `<<`, in order
    bool has_merge = false;
    bool in_brackets = false; ///< "{a: b}"
  };

  struct Anchored {
    Value value;
    std::size_t nodes = 0;
    std::size_t depth = 0;
  };

  [[nodiscard]] bool expects_key() const;
  void take_key(Position at, std::string text, std::string_view tag, bool is_merge);
  void place_value(Value value, std::size_t anchor, bool from_alias);
  void take_merge(Frame& frame, Value value, bool from_alias);
  void put_entry(Frame& frame, Value value);
  void apply_merges(Frame& frame);
  Value scalar_value(const std::string& tag, const std::string& text, Place place);
  void report(std::string code, std::string summary, Place place, std::string help);
  /// Also tells where the mapping begins, which is all that the official CLI tells.
  void report_key(std::string summary, Place place, std::string help);

  const SourceText& source_;
  Diagnostics& diagnostics_;
  std::vector<Frame> stack_;
  Value root_;
  std::map<std::size_t, Anchored> anchors_;
  std::map<std::size_t, std::string> open_anchors_;
  std::string next_anchor_name_;
  std::size_t alias_nodes_ = 0;
  std::size_t values_ = 0;
};

} // namespace pier::bundles
