#pragma once

#include "cli/command.hpp"
#include "cli/completion/candidates.hpp"
#include "core/model/bundle.hpp"

#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

namespace pier::cli {

/// The names of a bundle for completion: read from its files alone, with one target selected.
class BundleNames {
 public:
  /// `options` are those typed so far: target and profile count.
  BundleNames(const Arguments& options, const Context& context);

  [[nodiscard]] std::vector<Candidate> targets() const;

  /// "nightly", and once something is typed "jobs.nightly" too; only these kinds, unless there are none.
  [[nodiscard]] std::vector<Candidate> resources(std::string_view begin,
                                                 std::initializer_list<std::string_view> kinds = {}) const;

  [[nodiscard]] std::vector<Candidate> scripts() const;

  /// "name="
  [[nodiscard]] std::vector<Candidate> variables() const;

  /// What a run of the resource takes behind "--": "--day=" for parameters of a job.
  [[nodiscard]] std::vector<Candidate> parameters_of(std::string_view resource) const;

 private:
  const Arguments& arguments_;
  const Context& context_;

  [[nodiscard]] std::optional<model::Bundle> load() const;
};

} // namespace pier::cli
