#pragma once

#include "core/deploy/file_set.hpp"
#include "core/deploy/plan.hpp"
#include "core/model/bundle.hpp"

#include <map>
#include <string>
#include <vector>

namespace pier::deploy {

/// Which source each app of a target runs, as this machine deployed it; kept beside the state so that a
/// change of files alone brings new code into a running app (and a killed deploy does so later).
class AppSources {
 public:
  static AppSources load(const model::Bundle& bundle);
  [[nodiscard]] Result<void> save(const model::Bundle& bundle) const;

  void set(const std::string& key, std::string digest) { digests_.insert_or_assign(key, std::move(digest)); }

  [[nodiscard]] const std::string* find(const std::string& key) const;

 private:
  std::map<std::string, std::string> digests_;
};

/// Digest of names, sizes and times of the files below an app's source_code_path; empty if it has none.
std::string source_digest(const model::Bundle& bundle, const std::string& source_code_path,
                          const std::vector<LocalFile>& files);

/// Keys of the apps that are to run, have nothing else to do in the plan, and do not run the present source:
/// it differs from the recorded one, files of it were `uploaded` (without a record), or none was deployed.
std::vector<std::string> apps_with_new_code(const model::Bundle& bundle, const Plan& plan,
                                            const std::vector<LocalFile>& files,
                                            const std::vector<std::string>& uploaded);

} // namespace pier::deploy
