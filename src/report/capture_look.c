/* What a capture sees before the command runs. */
#include "report/capture.h"
#include "report/capture_environment.h"
#include "report/whose.h"

static void look_at_files(struct hf_capture *capture)
{
    /* A cell's own takes the place of one that is nobody's and no home. */
    capture->elsewhere = hf_whose_nobody(capture->workdir) || hf_names_cover(&capture->names, capture->workdir);
    if (!capture->elsewhere)
        hf_names_add(&capture->names, capture->workdir, "/mnt/cell/work", true);
    hf_capture_tree_look(&capture->tree, &capture->names, capture->policy, capture->workdir, capture->command,
                         capture->with & HF_CAPTURE_CONTENTS);
}

void hf_capture_look(struct hf_capture *capture)
{
    hf_whose(&capture->names, !(capture->with & HF_CAPTURE_NAMES));
    if (capture->workdir)
        look_at_files(capture);
    if (capture->with & HF_CAPTURE_ENVIRONMENT)
        capture->environment = hf_environment_look(&capture->names);
    if (capture->text || capture->file)
        capture->form = hf_policy_form(capture->text, capture->length, capture->file, &capture->tree);
}

void hf_capture_free(struct hf_capture *capture)
{
    hf_capture_tree_free(&capture->tree);
    hf_environment_free(capture->environment);
    hf_names_free(&capture->names);
}
