#pragma once

#include "cli/command.hpp"
#include "core/model/bundle.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace pier::cli {

/// Options of `pier bundle run` about the parameters of a job or the tables of a pipeline.
std::vector<OptionSpec> run_parameter_options();

/// Body of jobs/run-now by these options and the words after the key: they become job parameters when the job
/// has some, else parameters of its only type of task. Errors in the words of the official CLI.
Result<Json> run_now_request(const Json& job, std::int64_t job_id, const Arguments& options,
                             const std::vector<std::string>& words, bool wheel_wrapper);

/// Body of a pipeline's update.
Result<Json> pipeline_update_request(const Arguments& options, const std::vector<std::string>& words);

/// "received 2 unexpected positional arguments" for kinds that take none.
Result<void> expect_no_words(const std::vector<std::string>& words);

} // namespace pier::cli
