/** Generated from openapi.json by `make types`. Do not edit. */
export interface paths {
    "/api/collections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Collections
         * @description Your collections by name.
         */
        get: operations["listCollections"];
        put?: never;
        /**
         * Create Collection
         * @description Make an empty collection.
         */
        post: operations["createCollection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Collection
         * @description One collection.
         */
        get: operations["getCollection"];
        put?: never;
        post?: never;
        /**
         * Delete Collection
         * @description Delete a collection with its documents, their vectors and files.
         */
        delete: operations["deleteCollection"];
        options?: never;
        head?: never;
        /**
         * Rename Collection
         * @description Give another name.
         */
        patch: operations["renameCollection"];
        trace?: never;
    };
    "/api/collections/{collection_id}/documents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Documents
         * @description The documents of a collection by name.
         */
        get: operations["listDocuments"];
        put?: never;
        /**
         * Upload Documents
         * @description Take in one or many files. Each is read in the background; a file that cannot be taken is named.
         */
        post: operations["uploadDocuments"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Conversations
         * @description Your conversations, last used first; `query` looks into titles and messages.
         */
        get: operations["listConversations"];
        put?: never;
        /**
         * Create Conversation
         * @description Begin a conversation.
         */
        post: operations["createConversation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{conversation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Conversation
         * @description A conversation with all its messages.
         */
        get: operations["getConversation"];
        put?: never;
        post?: never;
        /**
         * Delete Conversation
         * @description Delete a conversation with all messages; answers that are being written are stopped.
         */
        delete: operations["deleteConversation"];
        options?: never;
        head?: never;
        /**
         * Change Conversation
         * @description Rename it, ask other documents or another model, or look at another branch.
         */
        patch: operations["changeConversation"];
        trace?: never;
    };
    "/api/conversations/{conversation_id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask
         * @description Ask. The answer is written in the server, whether or not anyone follows it.
         */
        post: operations["ask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/data/catalogue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Catalogue
         * @description Steps with their schemas, tasks with the steps to begin with, formats, models whose tokens can be counted.
         */
        get: operations["getDataCatalogue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/data/fetch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Fetch Source
         * @description Bring rows from elsewhere, as a job whose result names the new source. Only what you name is asked for.
         *
         *     Web addresses of the open internet are for everybody; what is read with the server's own rights is for admins.
         */
        post: operations["fetchSource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/data/generate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Generate Source
         * @description Make rows with a chat model, as a job whose result names the new source and says what was refused and why.
         */
        post: operations["generateSource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/data/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Sources
         * @description Your files of rows, newest first.
         */
        get: operations["listSources"];
        put?: never;
        /**
         * Upload Sources
         * @description Keep one or many files of rows; a file that cannot be kept is named. Recipes call a file by its name.
         */
        post: operations["uploadSources"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/data/sources/{source_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete Source
         * @description Delete a file that no data set uses.
         */
        delete: operations["deleteSource"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/data/sources/{source_id}/look": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Look At Source
         * @description Say what the first rows of a file hold: format, columns, samples, bad rows.
         */
        post: operations["lookAtSource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Datasets
         * @description Your data sets, the last changed first.
         */
        get: operations["listDatasets"];
        put?: never;
        /**
         * Create Dataset
         * @description Begin a data set; its recipe may be incomplete.
         */
        post: operations["createDataset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets/{dataset_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Dataset
         * @description One data set.
         */
        get: operations["getDataset"];
        put?: never;
        post?: never;
        /**
         * Delete Dataset
         * @description Delete a data set with its files; uploaded files stay.
         */
        delete: operations["deleteDataset"];
        options?: never;
        head?: never;
        /**
         * Change Dataset
         * @description Give another name, or keep a recipe, which may be incomplete.
         */
        patch: operations["changeDataset"];
        trace?: never;
    };
    "/api/datasets/{dataset_id}/compare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Compare Datasets
         * @description The last run beside that of the data set `before`, or beside the run before it: ledgers and distributions.
         */
        get: operations["compareDatasets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets/{dataset_id}/counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Count Dataset
         * @description Count the sample of the last preview under other thresholds; nothing is measured again.
         */
        post: operations["countDataset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets/{dataset_id}/dropped": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Dropped
         * @description Rows that the run left out, of one step (its place in the recipe) and reason, or all.
         */
        get: operations["listDropped"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets/{dataset_id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export
         * @description A part in any format that is written, as a file of any type.
         */
        get: operations["exportDataset"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets/{dataset_id}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download File
         * @description One of the data set's files.
         */
        get: operations["downloadDatasetFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets/{dataset_id}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Files
         * @description The files that can be downloaded.
         */
        get: operations["listDatasetFiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets/{dataset_id}/prepare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Prepare Dataset
         * @description Run the recipe on all rows, as a job.
         */
        post: operations["prepareDataset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets/{dataset_id}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Preview Dataset
         * @description Take the first rows through a recipe and write nothing: counts, changed and dropped rows, thresholds.
         */
        post: operations["previewDataset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets/{dataset_id}/recipe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Recipe
         * @description The recipe as the YAML file that the command line reads too.
         */
        get: operations["getRecipe"];
        put?: never;
        /**
         * Take Recipe
         * @description Use a recipe file. Its sources are your uploaded files of those names; all mistakes are named at once.
         */
        post: operations["takeRecipe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets/{dataset_id}/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Report
         * @description The report of the last run: the ledger, histograms, examples, licences.
         */
        get: operations["getDatasetReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets/{dataset_id}/rows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Rows
         * @description Some rows of a part, found by words or by what was said of them.
         */
        get: operations["listRows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasets/{dataset_id}/rows/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Row
         * @description One row with its whole texts. Rows count from 0.
         */
        get: operations["getRow"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change Row
         * @description Correct texts of a row or say whether it is relevant. Rows that are not are left out of the files.
         */
        patch: operations["changeRow"];
        trace?: never;
    };
    "/api/datasets/{dataset_id}/thresholds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Thresholds
         * @description The thresholds of the last run that can be moved, and how all rows of the run lie.
         */
        get: operations["getThresholds"];
        put?: never;
        /**
         * Count Thresholds
         * @description Count all rows of the last run under other thresholds; nothing is measured again and nothing is changed.
         */
        post: operations["countThresholds"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disclaimer/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept Disclaimer
         * @description Record that the disclaimer was read.
         */
        post: operations["acceptDisclaimer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/documents/{document_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Document
         * @description One document.
         */
        get: operations["getDocument"];
        put?: never;
        post?: never;
        /**
         * Delete Document
         * @description Delete a document, what came out of it, its vectors and its file.
         */
        delete: operations["deleteDocument"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/documents/{document_id}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download Document
         * @description The uploaded bytes, always as a download; for a member, the file that it came out of.
         */
        get: operations["downloadDocument"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/documents/{document_id}/pages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Pages
         * @description Numbers, labels and lengths of the pages.
         */
        get: operations["listPages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/documents/{document_id}/pages/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Page
         * @description One page with its text.
         */
        get: operations["getPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/documents/{document_id}/pages/{number}/boxes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Boxes
         * @description The rectangles of a character range of the page's text; none where the page has no picture.
         */
        get: operations["getBoxes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/documents/{document_id}/pages/{number}/picture": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Page Picture
         * @description The page as a PNG, for PDFs and pictures.
         */
        get: operations["getPagePicture"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/documents/{document_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Retry Document
         * @description Read a failed document again.
         */
        post: operations["retryDocument"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow Events
         * @description Follow all changes of your jobs and documents, for as long as you stay signed in.
         */
        get: operations["followEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Health
         * @description Say that the server is there. Open to everybody.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Jobs
         * @description Your jobs, newest first.
         */
        get: operations["listJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{job_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Job
         * @description One job.
         */
        get: operations["getJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{job_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel Job
         * @description Cancel a job that has not ended.
         */
        post: operations["cancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Keys
         * @description Your own keys.
         */
        get: operations["listKeys"];
        put?: never;
        /**
         * Create Key
         * @description Make a key that acts as you.
         */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke Key
         * @description Revoke a key; its next request is refused.
         */
        delete: operations["revokeKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign In
         * @description Sign in; the session comes back as a cookie.
         */
        post: operations["signIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign Out
         * @description End this session. It is no error to have none.
         */
        post: operations["signOut"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/{message_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Rate Message
         * @description Rate an answer.
         */
        patch: operations["rateMessage"];
        trace?: never;
    };
    "/api/messages/{message_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow Answer
         * @description Follow an answer from its first event, or from behind Last-Event-ID. One that is finished says so at once.
         */
        get: operations["followAnswer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/{message_id}/regenerate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Regenerate
         * @description Answer the same question once more, beside the answer that is there.
         */
        post: operations["regenerate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/{message_id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop Answer
         * @description Stop an answer; what was written of it is kept. It is no error when it has ended already.
         */
        post: operations["stopAnswer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Models
         * @description All models that come with Headwater or were installed.
         */
        get: operations["listModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove Model
         * @description Stop a model's engine and delete its files.
         */
        delete: operations["removeModel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/{name}/default": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make Default Model
         * @description Use this chat model where a request names none.
         */
        post: operations["makeDefaultModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/{name}/pull": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pull Model
         * @description Get a model in the background. Raises 409 for terms that were not accepted.
         */
        post: operations["pullModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/{name}/unload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Unload Model
         * @description Stop the engine of a model; the next request starts it again.
         */
        post: operations["unloadModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change Password
         * @description Change one's own password. Every session ends; this browser gets a new one.
         */
        post: operations["changePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Runs
         * @description Your runs, the newest first.
         */
        get: operations["listRuns"];
        put?: never;
        /**
         * Create Runs
         * @description Begin the run of a config, or one for each point of its grid. They train one after the other.
         */
        post: operations["createRuns"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Run
         * @description One run.
         */
        get: operations["getRun"];
        put?: never;
        post?: never;
        /**
         * Delete Run
         * @description Delete a run with its files and the model that is served of it.
         */
        delete: operations["deleteRun"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_name}/config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Config
         * @description The config of a run as it was asked for: what a clone begins with.
         */
        get: operations["getRunConfig"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_name}/exports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Export Run
         * @description Make a merged model or a GGUF, as a job.
         */
        post: operations["exportRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_name}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download
         * @description The result as a file. Merged models and GGUF are made first.
         */
        get: operations["downloadRun"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_name}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Log
         * @description What happened, in words, and the end of what the process printed.
         */
        get: operations["getRunLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_name}/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Metrics
         * @description Metrics of the steps after `since`.
         */
        get: operations["getRunMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_name}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pause Run
         * @description Save and end at the next step; it can be resumed.
         */
        post: operations["pauseRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_name}/resources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Resources
         * @description What the training process takes now.
         */
        get: operations["getRunResources"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_name}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resume Run
         * @description Go on from the last checkpoint, with the very same steps as if it had never stopped.
         */
        post: operations["resumeRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_name}/samples": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Samples
         * @description Answers to validation rows, written after a step; the last ones when none is named.
         */
        get: operations["getRunSamples"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_name}/save": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Save Run
         * @description Write a checkpoint at the next step and go on.
         */
        post: operations["saveRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_name}/serve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Serve Run
         * @description Let a finished run answer, as a job: that is done by itself at its end, and again here where it failed.
         */
        post: operations["serveRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_name}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop Run
         * @description End at the next step and keep the best result so far; it can be resumed.
         */
        post: operations["stopRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_name}/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Tokens
         * @description Rows of the first batch as tokens, learned or not; empty until the data is read.
         */
        get: operations["getRunTokens"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Search
         * @description Find passages by words and by meaning.
         */
        post: operations["search"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Settings
         * @description Every setting. They are read at start: changing one needs a restart.
         */
        get: operations["listSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Set Up
         * @description Make the first admin and sign them in. Works once.
         */
        post: operations["setUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Status
         * @description What a client needs to know first. Open to everybody; says more to who is signed in.
         */
        get: operations["getStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/training/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check
         * @description Check a config; all mistakes are named at once.
         */
        post: operations["checkTraining"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/training/compare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Compare
         * @description Several runs: their curves, and in what their configs differ.
         */
        get: operations["compareRuns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/training/form": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Form
         * @description What a new run can be made of.
         */
        get: operations["getTrainingForm"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/training/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Plan
         * @description Say what a run will take, before any weights are loaded. Of a grid: its first point.
         */
        post: operations["planTraining"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/training/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Preview
         * @description Show the first rows as the model will see them: which tokens are learned, how long rows are.
         */
        post: operations["previewTraining"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Users
         * @description All users.
         */
        get: operations["listUsers"];
        put?: never;
        /**
         * Create User
         * @description Make a user.
         */
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete User
         * @description Delete a user with all documents and conversations.
         */
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        /**
         * Change User
         * @description Set a role or a password, disable or enable. A new password and disabling end all sessions at once.
         */
        patch: operations["changeUser"];
        trace?: never;
    };
    "/v1/chat/completions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create Chat Completion
         * @description Reply to a conversation. A client that leaves stops the work.
         */
        post: operations["createChatCompletion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/completions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create Completion
         * @description Continue one text or several, without a chat template. A client that leaves stops the work.
         */
        post: operations["createCompletion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/embeddings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create Embedding
         * @description Make one unit vector of each text. Texts longer than the model reads are cut.
         */
        post: operations["createEmbedding"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Served Models
         * @description The models that are installed and can be asked.
         */
        get: operations["listServedModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{model_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Served Model
         * @description One of them.
         */
        get: operations["getServedModel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * AllCountsOut
         * @description All rows of the last run, counted under other thresholds from what the run measured.
         */
        AllCountsOut: {
            /**
             * Exact
             * @description Whether no later step compares rows, which might then choose others.
             */
            exact: boolean;
            /**
             * Rows Out
             * @description Rows that stay for sure.
             */
            rows_out: number;
            /** Steps */
            steps: components["schemas"]["StepCountOut"][];
            /**
             * Unknown
             * @description Rows that an earlier step had dropped; whether later ones keep them is not known.
             */
            unknown: number;
        };
        /**
         * AnswerOptions
         * @description How the answer is sampled.
         */
        AnswerOptions: {
            /** Max Tokens */
            max_tokens?: number | null;
            /** Seed */
            seed?: number | null;
            /** Temperature */
            temperature?: number | null;
        };
        /**
         * AnsweredRowOut
         * @description A validation row answered.
         */
        AnsweredRowOut: {
            /** Answer */
            answer: string;
            /** Expected */
            expected: string;
            /** Loss */
            loss: number | null;
            /** Prompt */
            prompt: string;
            /** Row */
            row: string;
            /** Scores */
            scores: {
                [key: string]: number;
            };
            /** Stopped */
            stopped: boolean;
        };
        /**
         * Asked
         * @description The question as stored, and its answer, which is being written.
         */
        Asked: {
            answer: components["schemas"]["MessageOut"];
            user: components["schemas"]["MessageOut"];
        };
        /**
         * BadRowOut
         * @description A row that cannot be read, and why.
         */
        BadRowOut: {
            /** Excerpt */
            excerpt: string;
            /** File */
            file: string;
            /** Reason */
            reason: string;
            /** Row */
            row: number;
        };
        /**
         * BestOut
         * @description The best validation so far.
         */
        BestOut: {
            /** Metric */
            metric: string;
            /** Step */
            step: number;
            /** Value */
            value: number;
        };
        /**
         * BoxOut
         * @description A rectangle as fractions of the page, origin top left.
         */
        BoxOut: {
            /** Height */
            height: number;
            /** Left */
            left: number;
            /** Top */
            top: number;
            /** Width */
            width: number;
        };
        /**
         * Boxes
         * @description Where a character range stands on the page, line by line.
         */
        Boxes: {
            /** Boxes */
            boxes: components["schemas"]["BoxOut"][];
        };
        /**
         * CatalogueOut
         * @description Everything that can be chosen.
         */
        CatalogueOut: {
            /** Formats */
            formats: components["schemas"]["FormatOut"][];
            /** Stages */
            stages: string[];
            /** Steps */
            steps: components["schemas"]["StepOut"][];
            /** Tasks */
            tasks: components["schemas"]["TaskOut"][];
            /**
             * Tokenizers
             * @description Models whose tokens can be counted.
             */
            tokenizers: string[];
        };
        /**
         * ChangeOut
         * @description A text before and after a step.
         */
        ChangeOut: {
            /** After */
            after: string;
            /** Before */
            before: string;
            /** Field */
            field: string;
            /** Place */
            place: number;
            /** Step */
            step: string;
        };
        /**
         * ChatChoice
         * @description The one reply.
         */
        ChatChoice: {
            /**
             * Finish Reason
             * @enum {string}
             */
            finish_reason: "stop" | "length";
            /**
             * Index
             * @default 0
             */
            index: number;
            /** Logprobs */
            logprobs: null;
            message: components["schemas"]["ReplyMessage"];
        };
        /**
         * ChatCompletion
         * @description The reply to a chat request that does not stream.
         */
        ChatCompletion: {
            /** Choices */
            choices: components["schemas"]["ChatChoice"][];
            /** Created */
            created: number;
            headwater: components["schemas"]["DocumentsOut"] | null;
            /** Id */
            id: string;
            /** Model */
            model: string;
            /**
             * Object
             * @default chat.completion
             * @constant
             */
            object: "chat.completion";
            /** System Fingerprint */
            system_fingerprint: null;
            usage: components["schemas"]["UsageOut"] | null;
        };
        /**
         * ChatMessageIn
         * @description A message as clients send it back too: with the empty fields that responses carry.
         */
        ChatMessageIn: {
            /** Annotations */
            annotations?: unknown[] | null;
            /** Audio */
            audio?: unknown;
            /** Content */
            content?: string | components["schemas"]["TextPart"][] | null;
            /** Function Call */
            function_call?: unknown;
            /** Name */
            name?: string | null;
            /** Refusal */
            refusal?: string | null;
            /** Role */
            role: string;
            /** Tool Call Id */
            tool_call_id?: string | null;
            /** Tool Calls */
            tool_calls?: unknown[] | null;
        };
        /**
         * ChatRequest
         * @description POST /v1/chat/completions.
         */
        ChatRequest: {
            /** Audio */
            audio?: unknown;
            /** Frequency Penalty */
            frequency_penalty?: number | null;
            /** Function Call */
            function_call?: unknown;
            /** Functions */
            functions?: unknown[] | null;
            headwater?: components["schemas"]["DocumentsOption"] | null;
            /** Logit Bias */
            logit_bias?: {
                [key: string]: number;
            } | null;
            /** Logprobs */
            logprobs?: boolean | null;
            /** Max Completion Tokens */
            max_completion_tokens?: number | null;
            /** Max Tokens */
            max_tokens?: number | null;
            /** Messages */
            messages: components["schemas"]["ChatMessageIn"][];
            /** Metadata */
            metadata?: {
                [key: string]: unknown;
            } | null;
            /** Modalities */
            modalities?: string[] | null;
            /**
             * Model
             * @description A name from /v1/models; the default model when not given.
             */
            model?: string | null;
            /** N */
            n?: number | null;
            /** Parallel Tool Calls */
            parallel_tool_calls?: boolean | null;
            /** Prediction */
            prediction?: unknown;
            /** Presence Penalty */
            presence_penalty?: number | null;
            /** Prompt Cache Key */
            prompt_cache_key?: string | null;
            /** Prompt Cache Retention */
            prompt_cache_retention?: string | null;
            /** Reasoning Effort */
            reasoning_effort?: string | null;
            response_format?: components["schemas"]["ResponseFormat"] | null;
            /** Safety Identifier */
            safety_identifier?: string | null;
            /** Seed */
            seed?: number | null;
            /** Service Tier */
            service_tier?: string | null;
            /** Stop */
            stop?: string | string[] | null;
            /** Store */
            store?: boolean | null;
            /**
             * Stream
             * @default false
             */
            stream?: boolean | null;
            stream_options?: components["schemas"]["StreamOptions"] | null;
            /** Temperature */
            temperature?: number | null;
            /** Tool Choice */
            tool_choice?: unknown;
            /** Tools */
            tools?: unknown[] | null;
            /** Top Logprobs */
            top_logprobs?: number | null;
            /** Top P */
            top_p?: number | null;
            /** User */
            user?: string | null;
            /** Verbosity */
            verbosity?: string | null;
            /** Web Search Options */
            web_search_options?: unknown;
        };
        /**
         * CitationOut
         * @description A number in an answer and the place it stands for.
         */
        CitationOut: {
            /** Document */
            document: string;
            /** Document Id */
            document_id: string;
            /** End */
            end: number;
            /** Label */
            label: string | null;
            /** Number */
            number: number;
            /** Page */
            page: number | null;
            /** Page Number */
            page_number: number;
            /** Passage Id */
            passage_id: number;
            /** Quote */
            quote: string;
            /** Start */
            start: number;
            /** Version Id */
            version_id: string;
        };
        /**
         * CollectionName
         * @description The name of a collection.
         */
        CollectionName: {
            /** Name */
            name: string;
        };
        /**
         * CollectionOut
         * @description A collection. `embedded` of its `passage_count` passages have vectors.
         */
        CollectionOut: {
            /** Created */
            created: number;
            /** Document Count */
            document_count: number;
            /** Embedded */
            embedded: number;
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Passage Count */
            passage_count: number;
        };
        /**
         * CompareOut
         * @description Several runs side by side.
         */
        CompareOut: {
            /** Curves */
            curves: components["schemas"]["CurveOut"][];
            /** Differences */
            differences: components["schemas"]["DifferenceOut"][];
        };
        /**
         * ComparedLine
         * @description A step's line in one of the runs.
         */
        ComparedLine: {
            /** Changed */
            changed: number;
            /** Dropped */
            dropped: number;
            /** Reasons */
            reasons: {
                [key: string]: number;
            };
            /** Rows In */
            rows_in: number;
            /** Rows Out */
            rows_out: number;
        };
        /**
         * ComparedMeasure
         * @description What both runs measured.
         */
        ComparedMeasure: {
            after: components["schemas"]["Distribution"];
            before: components["schemas"]["Distribution"];
            /** Statistic */
            statistic: string;
            /** Step */
            step: string;
        };
        /**
         * ComparedOption
         * @description An option that the runs had differently.
         */
        ComparedOption: {
            /** After */
            after: unknown;
            /** Before */
            before: unknown;
            /** Option */
            option: string;
            /** Step */
            step: string;
        };
        /**
         * ComparedOut
         * @description The last runs of two data sets side by side.
         */
        ComparedOut: {
            /** Histograms */
            histograms: components["schemas"]["ComparedMeasure"][];
            /** Options */
            options: components["schemas"]["ComparedOption"][];
            /**
             * Same
             * @description Whether no count differs.
             */
            same: boolean;
            /** Steps */
            steps: components["schemas"]["ComparedStep"][];
            /** Totals */
            totals: components["schemas"]["TotalOut"][];
        };
        /**
         * ComparedStep
         * @description A step in both runs; None where a run did not have it.
         */
        ComparedStep: {
            after: components["schemas"]["ComparedLine"] | null;
            before: components["schemas"]["ComparedLine"] | null;
            /** Name */
            name: string;
        };
        /**
         * CompletionRequest
         * @description POST /v1/completions: text is continued as it stands, without a chat template.
         */
        CompletionRequest: {
            /** Best Of */
            best_of?: number | null;
            /** Echo */
            echo?: boolean | null;
            /** Frequency Penalty */
            frequency_penalty?: number | null;
            /** Logit Bias */
            logit_bias?: {
                [key: string]: number;
            } | null;
            /** Logprobs */
            logprobs?: number | null;
            /** Max Tokens */
            max_tokens?: number | null;
            /**
             * Model
             * @description A name from /v1/models; the default model when not given.
             */
            model?: string | null;
            /** N */
            n?: number | null;
            /** Presence Penalty */
            presence_penalty?: number | null;
            /** Prompt */
            prompt: string | string[] | number[] | number[][];
            /** Seed */
            seed?: number | null;
            /** Stop */
            stop?: string | string[] | null;
            /**
             * Stream
             * @default false
             */
            stream?: boolean | null;
            stream_options?: components["schemas"]["StreamOptions"] | null;
            /** Suffix */
            suffix?: string | null;
            /** Temperature */
            temperature?: number | null;
            /** Top P */
            top_p?: number | null;
            /** User */
            user?: string | null;
        };
        /**
         * ConfigIn
         * @description A config, as values or as a YAML text.
         */
        ConfigIn: {
            /** Config */
            config?: {
                [key: string]: unknown;
            } | null;
            /** Yaml */
            yaml?: string | null;
        };
        /**
         * ConfigOut
         * @description A checked config with every default, as values and as the YAML that the command line takes.
         */
        ConfigOut: {
            /** Config */
            config: {
                [key: string]: unknown;
            };
            /** Yaml */
            yaml: string;
        };
        /**
         * ConversationChange
         * @description What to change; what is left out stays. A model of null is the default model.
         */
        ConversationChange: {
            /** Collection Ids */
            collection_ids?: string[] | null;
            /** Leaf Id */
            leaf_id?: string | null;
            /** Model */
            model?: string | null;
            /** Title */
            title?: string | null;
        };
        /**
         * ConversationDetail
         * @description A conversation with its whole tree of messages, in order of creation.
         */
        ConversationDetail: {
            /** Collection Ids */
            collection_ids: string[];
            /** Created */
            created: number;
            /** Id */
            id: string;
            /** Leaf Id */
            leaf_id: string | null;
            /** Messages */
            messages: components["schemas"]["MessageOut"][];
            /** Model */
            model: string | null;
            /** Title */
            title: string;
            /** Updated */
            updated: number;
        };
        /**
         * ConversationOut
         * @description A conversation. Without collections the model answers from itself alone.
         */
        ConversationOut: {
            /** Collection Ids */
            collection_ids: string[];
            /** Created */
            created: number;
            /** Id */
            id: string;
            /** Leaf Id */
            leaf_id: string | null;
            /** Model */
            model: string | null;
            /** Title */
            title: string;
            /** Updated */
            updated: number;
        };
        /**
         * CountsOut
         * @description The steps' lines under the thresholds that were asked about.
         */
        CountsOut: {
            /** Steps */
            steps: components["schemas"]["StepCountOut"][];
        };
        /**
         * CurveOut
         * @description The metrics of one of the compared runs.
         */
        CurveOut: {
            metrics: components["schemas"]["MetricsOut"];
            run: components["schemas"]["RunOut"];
        };
        /**
         * DatasetChange
         * @description Another name, another recipe.
         */
        DatasetChange: {
            /** Name */
            name?: string | null;
            /** Recipe */
            recipe?: {
                [key: string]: unknown;
            } | null;
        };
        /**
         * DatasetIn
         * @description A new data set.
         */
        DatasetIn: {
            /** Name */
            name: string;
            /** Recipe */
            recipe?: {
                [key: string]: unknown;
            } | null;
        };
        /**
         * DatasetOut
         * @description A data set. `changed`: the recipe is not the one that its files were made by.
         */
        DatasetOut: {
            /** Changed */
            changed: boolean;
            /** Created */
            created: number;
            /** Error */
            error: string | null;
            /** Hint */
            hint: string | null;
            /** Id */
            id: string;
            /** Job Id */
            job_id: string | null;
            /** Name */
            name: string;
            /** Prepared */
            prepared: number | null;
            /** Recipe */
            recipe: {
                [key: string]: unknown;
            };
            /**
             * State
             * @enum {string}
             */
            state: "draft" | "preparing" | "ready" | "failed";
            summary: components["schemas"]["SummaryOut"] | null;
            /** Updated */
            updated: number;
        };
        /**
         * DifferenceOut
         * @description A key in which the configs differ, with the value of each run.
         */
        DifferenceOut: {
            /** Key */
            key: string;
            /** Values */
            values: string[];
        };
        /**
         * DisclaimerOut
         * @description What to know before the first answer.
         */
        DisclaimerOut: {
            /** Accepted */
            accepted: boolean;
            /** Text */
            text: string;
        };
        /**
         * Distribution
         * @description How the rows that stayed lie.
         */
        Distribution: {
            /** Counts */
            counts: number[];
            /** Edges */
            edges: number[];
            /** Mean */
            mean: number;
            /** Rows */
            rows: number;
        };
        /**
         * DocumentOut
         * @description A document: its searchable version, or how far reading it has come.
         */
        DocumentOut: {
            /** Collection Id */
            collection_id: string;
            /** Created */
            created: number;
            /**
             * Embedded
             * @description Passages that have vectors; the others are found by keywords alone so far.
             */
            embedded: number;
            /** Error */
            error: string | null;
            /** Hint */
            hint: string | null;
            /** Id */
            id: string;
            /** Media Type */
            media_type: string;
            /** Name */
            name: string;
            /** Page Count */
            page_count: number;
            /**
             * Parent Id
             * @description The archive or mail this came out of.
             */
            parent_id: string | null;
            /** Passage Count */
            passage_count: number;
            /**
             * Size
             * @description Bytes.
             */
            size: number;
            /**
             * State
             * @enum {string}
             */
            state: "queued" | "parsing" | "searchable" | "failed";
            /** Version Id */
            version_id: string | null;
            /** Warnings */
            warnings: string[];
        };
        /**
         * DocumentsOption
         * @description Our extension: answer from these collections, by id or name. An empty list means all of them.
         */
        DocumentsOption: {
            /** Collections */
            collections?: string[];
        };
        /**
         * DocumentsOut
         * @description Our extension: how documents were used.
         */
        DocumentsOut: {
            /** Citations */
            citations: components["schemas"]["CitationOut"][];
            /**
             * Mode
             * @enum {string}
             */
            mode: "answer" | "quote" | "not_found" | "chat";
        };
        /**
         * Done
         * @description It was done.
         */
        Done: {
            /**
             * Done
             * @default true
             * @constant
             */
            done: true;
        };
        /**
         * DroppedOut
         * @description Some of the rows that the run left out.
         */
        DroppedOut: {
            /** Rows */
            rows: components["schemas"]["DroppedRowOut"][];
            /** Total */
            total: number;
        };
        /**
         * DroppedRowOut
         * @description A row that the run left out.
         */
        DroppedRowOut: {
            /** File */
            file: string;
            /** Id */
            id: string;
            /** Place */
            place: number;
            /** Reason */
            reason: string;
            /** Row */
            row: number;
            /** Step */
            step: string;
            /** Texts */
            texts: components["schemas"]["TextOut"][];
            /** Value */
            value: string | null;
        };
        /**
         * EmbeddingList
         * @description The vectors, in the order of the inputs.
         */
        EmbeddingList: {
            /** Data */
            data: components["schemas"]["EmbeddingOut"][];
            /** Model */
            model: string;
            /**
             * Object
             * @default list
             * @constant
             */
            object: "list";
            usage: components["schemas"]["EmbeddingUsage"];
        };
        /**
         * EmbeddingOut
         * @description One vector: numbers, or little-endian float32 in base64.
         */
        EmbeddingOut: {
            /** Embedding */
            embedding: number[] | string;
            /** Index */
            index: number;
            /**
             * Object
             * @default embedding
             * @constant
             */
            object: "embedding";
        };
        /**
         * EmbeddingRequest
         * @description POST /v1/embeddings.
         */
        EmbeddingRequest: {
            /** Dimensions */
            dimensions?: number | null;
            /**
             * Encoding Format
             * @default float
             * @enum {string}
             */
            encoding_format?: "float" | "base64";
            /** Input */
            input: string | string[] | number[] | number[][];
            /** Model */
            model?: string | null;
            /** User */
            user?: string | null;
        };
        /**
         * EmbeddingUsage
         * @description Token counts of an embedding request.
         */
        EmbeddingUsage: {
            /** Prompt Tokens */
            prompt_tokens: number;
            /** Total Tokens */
            total_tokens: number;
        };
        /**
         * ErrorBody
         * @description What happened (`message`), what to do (`hint`), and for programs `type` and `code`.
         */
        ErrorBody: {
            /** Code */
            code: string;
            /** Hint */
            hint?: string | null;
            /** Message */
            message: string;
            /** Type */
            type: string;
        };
        /**
         * ErrorOut
         * @description The body of every response that is not a success.
         */
        ErrorOut: {
            error: components["schemas"]["ErrorBody"];
        };
        /**
         * ExportIn
         * @description The form to make.
         */
        ExportIn: {
            /**
             * Form
             * @enum {string}
             */
            form: "adapter" | "adapter_gguf" | "merged" | "gguf";
        };
        /**
         * ExportOut
         * @description A form in which the result can be taken away.
         */
        ExportOut: {
            /**
             * Form
             * @enum {string}
             */
            form: "adapter" | "adapter_gguf" | "merged" | "gguf";
            /** Ready */
            ready: boolean;
            /** Size */
            size: number | null;
        };
        /**
         * FateOut
         * @description Where a row was dropped, why, and the value that decided.
         */
        FateOut: {
            /** Place */
            place: number;
            /** Reason */
            reason: string;
            /** Step */
            step: string;
            /** Value */
            value: string | null;
        };
        /**
         * FetchIn
         * @description Where rows lie: an `address`, or a data base `sql` with a `query`. `name`: what the file will be called.
         */
        FetchIn: {
            /**
             * Address
             * @description https://; for an admin also s3://, gs://, abfs://, hf://, env:NAME, or a whole path here.
             * @default
             */
            address?: string;
            /** Name */
            name?: string | null;
            /**
             * Query
             * @description SELECT whose rows are taken.
             */
            query?: string | null;
            /**
             * Sql
             * @description SQLAlchemy URL without a password, or env:NAME.
             */
            sql?: string | null;
        };
        /**
         * FilesOut
         * @description Files that can be downloaded.
         */
        FilesOut: {
            /** Names */
            names: string[];
        };
        /**
         * FormatOut
         * @description A format of rows. `nested` ones do not fit a table such as CSV.
         */
        FormatOut: {
            /** Name */
            name: string;
            /** Nested */
            nested: boolean;
            /** Tasks */
            tasks: string[];
            /** Title */
            title: string;
            /** Written */
            written: boolean;
        };
        /**
         * GenerateIn
         * @description What to make, of which collection or file, and how much it may cost.
         */
        GenerateIn: {
            /**
             * Collection Id
             * @description Documents to ask about.
             */
            collection_id?: string | null;
            /**
             * Kind
             * @enum {string}
             */
            kind: "questions" | "summaries" | "evolve" | "align";
            /**
             * Mapping
             * @description Which column holds what.
             */
            mapping?: {
                [key: string]: string;
            };
            /**
             * Model
             * @description Chat model; the default one when unset.
             */
            model?: string | null;
            /**
             * Requests
             * @description Requests to the model at most.
             */
            requests?: number | null;
            /**
             * Rows
             * @description Records at most.
             * @default 100
             */
            rows?: number;
            /**
             * Seed
             * @default 0
             */
            seed?: number;
            /**
             * Source Id
             * @description An uploaded document, or rows for evolve and align.
             */
            source_id?: string | null;
            /**
             * Tokens
             * @description Generated tokens at most.
             */
            tokens?: number | null;
        };
        /**
         * GpuLoadOut
         * @description What a GPU does now.
         */
        GpuLoadOut: {
            /**
             * Busy
             * @description From 0 to 1.
             */
            busy: number;
            /** Memory Bytes */
            memory_bytes: number;
            /** Whole Bytes */
            whole_bytes: number;
        };
        /**
         * Health
         * @description The server is there.
         */
        Health: {
            /**
             * Status
             * @default ok
             */
            status: string;
        };
        /**
         * HitOut
         * @description A passage that a search found, with the score of each arm that saw it.
         */
        HitOut: {
            /** Dense */
            dense: number | null;
            /** Document */
            document: string;
            /** Document Id */
            document_id: string;
            /** End */
            end: number;
            /** Heading */
            heading: string[];
            /** Keyword */
            keyword: number | null;
            /** Label */
            label: string | null;
            /** Page */
            page: number | null;
            /** Page Number */
            page_number: number;
            /** Passage Id */
            passage_id: number;
            /** Rerank */
            rerank: number | null;
            /** Score */
            score: number;
            /** Start */
            start: number;
            /** Text */
            text: string;
            /** Version Id */
            version_id: string;
        };
        /**
         * JobOut
         * @description Long work.
         */
        JobOut: {
            /** Created */
            created: number;
            /** Ended */
            ended: number | null;
            /** Error */
            error: string | null;
            /** Hint */
            hint: string | null;
            /** Id */
            id: string;
            /** Kind */
            kind: string;
            progress: components["schemas"]["ProgressOut"] | null;
            /** Result */
            result: {
                [key: string]: unknown;
            } | null;
            /** Started */
            started: number | null;
            /**
             * State
             * @enum {string}
             */
            state: "queued" | "running" | "done" | "failed" | "cancelled";
            /** Subject */
            subject: string;
        };
        /**
         * JobStarted
         * @description The job that does what was asked.
         */
        JobStarted: {
            /** Job Id */
            job_id: string;
        };
        /**
         * JsonSchema
         * @description A JSON Schema the reply must match.
         */
        JsonSchema: {
            /** Description */
            description?: string | null;
            /**
             * Name
             * @default reply
             */
            name?: string;
            /** Schema */
            schema?: {
                [key: string]: unknown;
            };
            /** Strict */
            strict?: boolean | null;
        };
        /**
         * KeyMade
         * @description The key and its secret, which is shown this once.
         */
        KeyMade: {
            key: components["schemas"]["KeyOut"];
            /** Secret */
            secret: string;
        };
        /**
         * KeyOut
         * @description What is shown of a key; its secret begins with hw_, then `prefix`.
         */
        KeyOut: {
            /** Created */
            created: number;
            /** Id */
            id: string;
            /** Last Used */
            last_used: number | null;
            /** Name */
            name: string;
            /** Prefix */
            prefix: string;
        };
        /**
         * LabelCounts
         * @description Rows that a person worked on.
         */
        LabelCounts: {
            /** Edited */
            edited: number;
            /** Not Relevant */
            not_relevant: number;
            /** Relevant */
            relevant: number;
        };
        /**
         * LengthsOut
         * @description How long the kept rows are.
         */
        LengthsOut: {
            /** Counts */
            counts: number[];
            /** Edges */
            edges: number[];
            /** Median */
            median: number;
            /** Most */
            most: number;
            /** Nine Of Ten */
            nine_of_ten: number;
            /**
             * Over
             * @description Rows above the maximum that was asked about.
             */
            over: number | null;
            /** Rows */
            rows: number;
            /** Total */
            total: number;
            /**
             * Unit
             * @enum {string}
             */
            unit: "tokens" | "words";
        };
        /**
         * LogOut
         * @description What happened, and the end of what the process printed.
         */
        LogOut: {
            /** Events */
            events: components["schemas"]["RunEventOut"][];
            /** Text */
            text: string;
        };
        /**
         * LookIn
         * @description How to read the file; told by its fields when nothing is given.
         */
        LookIn: {
            /** Format */
            format?: string | null;
            /** Mapping */
            mapping?: {
                [key: string]: string;
            };
            /**
             * Text Unit
             * @default line
             * @enum {string}
             */
            text_unit?: "line" | "paragraph" | "file";
        };
        /**
         * LookOut
         * @description What the first rows of a file hold. Without a `format` a mapping is needed; `mapping` is then a guess.
         */
        LookOut: {
            /** Bad */
            bad: number;
            /** Bad Rows */
            bad_rows: components["schemas"]["BadRowOut"][];
            /** Columns */
            columns: string[];
            /** Detected */
            detected: boolean;
            /** Format */
            format: string | null;
            /** Mapping */
            mapping: {
                [key: string]: string;
            };
            /** Name */
            name: string;
            /** Others */
            others: string[];
            /** Problem */
            problem: string | null;
            /**
             * Raw
             * @description The first rows by column, as they stand in the file.
             */
            raw: {
                [key: string]: string;
            }[];
            /** Records */
            records: number;
            /** Rows */
            rows: number;
            /** Samples */
            samples: components["schemas"]["SampleOut"][];
            /**
             * Share
             * @description Share of rows that fit the format.
             */
            share: number | null;
            /** Tasks */
            tasks: {
                [key: string]: number;
            };
            /** Title */
            title: string | null;
            /**
             * Whole
             * @description Whether the file was read to its end; else these are its first rows.
             */
            whole: boolean;
        };
        /**
         * MessageOut
         * @description A message. `streaming` while its answer is being written; `error` when that failed.
         */
        MessageOut: {
            /** Citations */
            citations: components["schemas"]["CitationOut"][];
            /** Content */
            content: string;
            /** Created */
            created: number;
            error: components["schemas"]["ErrorBody"] | null;
            /** Finish Reason */
            finish_reason: string | null;
            /** Hits */
            hits: components["schemas"]["HitOut"][];
            /** Id */
            id: string;
            /** Mode */
            mode: ("answer" | "quote" | "not_found" | "chat") | null;
            /** Model */
            model: string | null;
            /** Parent Id */
            parent_id: string | null;
            /** Rating */
            rating: number | null;
            /**
             * Role
             * @enum {string}
             */
            role: "system" | "user" | "assistant";
            /** Seconds */
            seconds: {
                [key: string]: number;
            };
            /** Streaming */
            streaming: boolean;
        };
        /**
         * MetricsOut
         * @description Metrics after a step. A validation is {step, loss, perplexity, ...}.
         */
        MetricsOut: {
            /** Train */
            train: components["schemas"]["PointOut"][];
            /** Validation */
            validation: {
                [key: string]: number;
            }[];
        };
        /**
         * ModelCard
         * @description A model that requests may name.
         */
        ModelCard: {
            /** Created */
            created: number;
            /** Id */
            id: string;
            /**
             * Object
             * @default model
             * @constant
             */
            object: "model";
            /** Owned By */
            owned_by: string;
        };
        /**
         * ModelList
         * @description The models that requests may name.
         */
        ModelList: {
            /** Data */
            data: components["schemas"]["ModelCard"][];
            /**
             * Object
             * @default list
             * @constant
             */
            object: "list";
        };
        /**
         * ModelOut
         * @description A model: its terms, whether it is here, and whether it fits.
         */
        ModelOut: {
            /** Accepted */
            accepted: boolean;
            /** Fits */
            fits: boolean;
            /** Installed */
            installed: boolean;
            /** Is Default */
            is_default: boolean;
            /** Licence */
            licence: string;
            /**
             * Licence Text
             * @description A summary in our words; the terms are at licence_url.
             */
            licence_text: string | null;
            /** Licence Url */
            licence_url: string;
            /** Loaded */
            loaded: boolean;
            /** Name */
            name: string;
            /** Needs Acceptance */
            needs_acceptance: boolean;
            /** Notes */
            notes: string;
            /**
             * Plan
             * @description What it needs and what is free, as a sentence.
             */
            plan: string;
            /** Size Bytes */
            size_bytes: number;
            /**
             * Task
             * @enum {string}
             */
            task: "chat" | "embed" | "rerank" | "reward";
            /** Title */
            title: string;
        };
        /**
         * MovedIn
         * @description Another value for an option of the step at `place`; null switches the threshold off.
         */
        MovedIn: {
            /** Option */
            option: string;
            /** Place */
            place: number;
            /** Value */
            value: number | null;
        };
        /**
         * NewConversation
         * @description A conversation to begin. Its title comes from the first question when none is given.
         */
        NewConversation: {
            /** Collection Ids */
            collection_ids?: string[];
            /** Model */
            model?: string | null;
            /** Title */
            title?: string | null;
        };
        /**
         * NewKey
         * @description What the key is for.
         */
        NewKey: {
            /** Name */
            name: string;
        };
        /**
         * NewPassword
         * @description The old password and the one that replaces it.
         */
        NewPassword: {
            /** New */
            new: string;
            /** Old */
            old: string;
        };
        /**
         * NewUser
         * @description A user to make.
         */
        NewUser: {
            /** Name */
            name: string;
            /** Password */
            password: string;
            /**
             * Role
             * @default user
             * @enum {string}
             */
            role?: "admin" | "user";
        };
        /**
         * PageListing
         * @description The pages of a document. `paged` is False where the format has no pages of its own.
         */
        PageListing: {
            /** Paged */
            paged: boolean;
            /** Pages */
            pages: components["schemas"]["PageSummaryOut"][];
        };
        /**
         * PageOut
         * @description A page. Passages and citations are ranges of `text`; width and height are those of the picture's page.
         */
        PageOut: {
            /** Has Picture */
            has_picture: boolean;
            /** Height */
            height: number | null;
            /** Label */
            label: string | null;
            /** Number */
            number: number;
            /** Text */
            text: string;
            /** Width */
            width: number | null;
        };
        /**
         * PageSummaryOut
         * @description A page in the list.
         */
        PageSummaryOut: {
            /** Characters */
            characters: number;
            /** Label */
            label: string | null;
            /** Number */
            number: number;
        };
        /**
         * PlanOut
         * @description What a run will take. Sizes in bytes, times in seconds; None where it cannot be told before.
         */
        PlanOut: {
            /**
             * Advice
             * @description What would make it fit.
             */
            advice: string[];
            /** Disk Bytes */
            disk_bytes: number;
            /** Fits */
            fits: boolean;
            /** Micro Tokens */
            micro_tokens: number | null;
            /** Parts */
            parts: {
                [key: string]: number;
            };
            /** Peak Bytes */
            peak_bytes: number;
            /** Seconds */
            seconds: number | null;
            /** Sentence */
            sentence: string;
            /** Steps */
            steps: number | null;
        };
        /**
         * PointOut
         * @description What a step told.
         */
        PointOut: {
            /** Epoch */
            epoch: number;
            /** Grad Norm */
            grad_norm: number | null;
            /** Loss */
            loss: number;
            /** Lr */
            lr: number;
            /** Memory Bytes */
            memory_bytes: number;
            /** Seconds */
            seconds: number;
            /** Step */
            step: number;
            /** Tokens */
            tokens: number;
            /** Tokens Per Second */
            tokens_per_second: number;
        };
        /**
         * PreviewIn
         * @description The recipe to try, and how many rows to try it on. `tokenizer`: the model in whose tokens lengths are told.
         */
        PreviewIn: {
            /**
             * Maximum
             * @description Tokens that fit; rows over it are counted.
             */
            maximum?: number | null;
            /** Recipe */
            recipe: {
                [key: string]: unknown;
            };
            /**
             * Rows
             * @default 1000
             */
            rows?: number;
            /** Tokenizer */
            tokenizer?: string | null;
        };
        /**
         * PreviewOut
         * @description A sample taken through the recipe; nothing is written.
         */
        PreviewOut: {
            /** Bad */
            bad: number;
            /** Bad Rows */
            bad_rows: components["schemas"]["BadRowOut"][];
            /** Kept */
            kept: number;
            lengths: components["schemas"]["LengthsOut"] | null;
            /** Rows */
            rows: number;
            /** Samples */
            samples: components["schemas"]["PreviewRowOut"][];
            /** Sliders */
            sliders: components["schemas"]["SliderOut"][];
            /** Steps */
            steps: components["schemas"]["StepCountOut"][];
        };
        /**
         * PreviewRowOut
         * @description A row on its way through the steps.
         */
        PreviewRowOut: {
            /** After */
            after: components["schemas"]["TextOut"][];
            /** Before */
            before: components["schemas"]["TextOut"][];
            /** Changes */
            changes: components["schemas"]["ChangeOut"][];
            dropped: components["schemas"]["FateOut"] | null;
            /** File */
            file: string;
            /** Id */
            id: string;
            /** Number */
            number: number;
            /** Row */
            row: number;
            /** Task */
            task: string;
        };
        /**
         * ProgressOut
         * @description How far a job is: measured, or absent.
         */
        ProgressOut: {
            /** Done */
            done: number;
            /** Stage */
            stage: string;
            /** Total */
            total: number | null;
            /** Unit */
            unit: string;
        };
        /**
         * PullRequest
         * @description `accept_licence` says that a person read the terms and accepts them.
         */
        PullRequest: {
            /**
             * Accept Licence
             * @default false
             */
            accept_licence?: boolean;
        };
        /**
         * Question
         * @description What is asked, under the answer before it; null begins. An edit has the parent of what it replaces.
         */
        Question: {
            /** Content */
            content: string;
            /** @default {} */
            options?: components["schemas"]["AnswerOptions"];
            /** Parent Id */
            parent_id?: string | null;
        };
        /**
         * Rating
         * @description 1 good, -1 bad, null not rated.
         */
        Rating: {
            /** Rating */
            rating: (1 | -1) | null;
        };
        /**
         * RecipeIn
         * @description A recipe.
         */
        RecipeIn: {
            /** Recipe */
            recipe: {
                [key: string]: unknown;
            };
        };
        /**
         * RecipeText
         * @description A recipe file.
         */
        RecipeText: {
            /** Yaml */
            yaml: string;
        };
        /**
         * Regenerated
         * @description Another answer to the same question, which is being written.
         */
        Regenerated: {
            answer: components["schemas"]["MessageOut"];
        };
        /**
         * ReplyMessage
         * @description The message a model wrote.
         */
        ReplyMessage: {
            /** Content */
            content: string;
            /** Refusal */
            refusal: null;
            /**
             * Role
             * @default assistant
             * @constant
             */
            role: "assistant";
        };
        /**
         * ResourcesOut
         * @description What the training process takes now, and the machine beside it.
         */
        ResourcesOut: {
            /** At Work */
            at_work: boolean;
            /**
             * Cores
             * @description Cores in use; None at the first look.
             */
            cores: number | null;
            /** Gpu */
            gpu: string | null;
            /**
             * Gpus
             * @description Load of each GPU, where its driver tells.
             */
            gpus: components["schemas"]["GpuLoadOut"][];
            /** Machine Cores */
            machine_cores: number;
            /**
             * Machine Load
             * @description Load of the whole machine, average of the last minute.
             */
            machine_load: number;
            /** Memory Bytes */
            memory_bytes: number | null;
        };
        /**
         * ResponseFormat
         * @description text, json_object (any JSON object) or json_schema.
         */
        ResponseFormat: {
            json_schema?: components["schemas"]["JsonSchema"] | null;
            /**
             * Type
             * @enum {string}
             */
            type: "text" | "json_object" | "json_schema";
        };
        /**
         * RowChange
         * @description What to do to a row; what is not given stays.
         */
        RowChange: {
            /** Label */
            label?: ("relevant" | "not_relevant" | "none") | null;
            /** Texts */
            texts?: components["schemas"]["TextChange"][];
        };
        /**
         * RowOut
         * @description A row of a prepared data set. `relevant` is what a person said; `cut`: a text is longer than shown.
         */
        RowOut: {
            /** Cut */
            cut: boolean;
            /** Edited */
            edited: boolean;
            /** File */
            file: string;
            /** Id */
            id: string;
            /** Language */
            language: string | null;
            /** Number */
            number: number;
            /** Relevant */
            relevant: boolean | null;
            /** Row */
            row: number;
            /** Score */
            score: number | null;
            /** Task */
            task: string;
            /** Texts */
            texts: components["schemas"]["TextOut"][];
        };
        /**
         * RowsOut
         * @description Some rows, and how many there are in all.
         */
        RowsOut: {
            counts: components["schemas"]["LabelCounts"];
            /** Rows */
            rows: components["schemas"]["RowOut"][];
            /** Splits */
            splits: string[];
            /** Total */
            total: number;
        };
        /**
         * RunDetail
         * @description A run with its plan, what became of its data, and what can be taken away.
         */
        RunDetail: {
            /** Base */
            base: string;
            best: components["schemas"]["BestOut"] | null;
            /**
             * Card
             * @description The model card, in Markdown.
             */
            card: string | null;
            /** Created */
            created: number;
            /** Data */
            data: {
                [key: string]: unknown;
            } | null;
            /** Differs */
            differs: string;
            /** Epoch */
            epoch: number | null;
            error: components["schemas"]["RunErrorOut"] | null;
            /** Eta Seconds */
            eta_seconds: number | null;
            /** Exports */
            exports: components["schemas"]["ExportOut"][];
            /** Job Id */
            job_id: string | null;
            /** Loss */
            loss: number | null;
            /** Name */
            name: string;
            /** Peak Memory Bytes */
            peak_memory_bytes: number | null;
            /** Plan */
            plan: {
                [key: string]: unknown;
            } | null;
            /** Seconds */
            seconds: number | null;
            /**
             * Served
             * @description The model that it is asked as.
             */
            served: string | null;
            /**
             * State
             * @enum {string}
             */
            state: "queued" | "preparing" | "running" | "pausing" | "paused" | "stopping" | "stopped" | "done" | "failed";
            /** Step */
            step: number;
            /** Steps */
            steps: number | null;
            /**
             * Sweep
             * @description The grid it is a point of.
             */
            sweep: string | null;
            /**
             * Tokens
             * @description Learned tokens so far.
             */
            tokens: number | null;
            /** Tokens Per Second */
            tokens_per_second: number | null;
        };
        /**
         * RunErrorOut
         * @description Why a run failed, and what to do.
         */
        RunErrorOut: {
            /** Hint */
            hint: string | null;
            /** Message */
            message: string;
        };
        /**
         * RunEventOut
         * @description Something that happened.
         */
        RunEventOut: {
            /** Kind */
            kind: string;
            /** Text */
            text: string;
            /** Time */
            time: number;
        };
        /**
         * RunOut
         * @description A training run and how far it is.
         */
        RunOut: {
            /** Base */
            base: string;
            best: components["schemas"]["BestOut"] | null;
            /** Created */
            created: number;
            /** Differs */
            differs: string;
            /** Epoch */
            epoch: number | null;
            error: components["schemas"]["RunErrorOut"] | null;
            /** Eta Seconds */
            eta_seconds: number | null;
            /** Job Id */
            job_id: string | null;
            /** Loss */
            loss: number | null;
            /** Name */
            name: string;
            /** Peak Memory Bytes */
            peak_memory_bytes: number | null;
            /** Seconds */
            seconds: number | null;
            /**
             * Served
             * @description The model that it is asked as.
             */
            served: string | null;
            /**
             * State
             * @enum {string}
             */
            state: "queued" | "preparing" | "running" | "pausing" | "paused" | "stopping" | "stopped" | "done" | "failed";
            /** Step */
            step: number;
            /** Steps */
            steps: number | null;
            /**
             * Sweep
             * @description The grid it is a point of.
             */
            sweep: string | null;
            /**
             * Tokens
             * @description Learned tokens so far.
             */
            tokens: number | null;
            /** Tokens Per Second */
            tokens_per_second: number | null;
        };
        /**
         * SampleOut
         * @description A record as it was read.
         */
        SampleOut: {
            /** Id */
            id: string;
            /** Task */
            task: string;
            /** Texts */
            texts: components["schemas"]["TextOut"][];
        };
        /**
         * SamplesOut
         * @description Answers written after `step`; `steps` are those that have some.
         */
        SamplesOut: {
            /** Rows */
            rows: components["schemas"]["AnsweredRowOut"][];
            /** Step */
            step: number | null;
            /** Steps */
            steps: number[];
        };
        /**
         * SearchAnswer
         * @description The passages that were found, best first.
         */
        SearchAnswer: {
            /** Hits */
            hits: components["schemas"]["HitOut"][];
            /** Seconds */
            seconds: number;
        };
        /**
         * SearchRequest
         * @description What to look for, and where; without a limit, in everything you have.
         */
        SearchRequest: {
            /** Collection Ids */
            collection_ids?: string[];
            /** Document Ids */
            document_ids?: string[];
            /**
             * Limit
             * @default 10
             */
            limit?: number;
            /** Query */
            query: string;
        };
        /**
         * SetUp
         * @description The first admin. `token` is in the link that the first start prints.
         */
        SetUp: {
            /** Name */
            name: string;
            /** Password */
            password: string;
            /** Token */
            token: string;
        };
        /**
         * SettingOut
         * @description One setting.
         */
        SettingOut: {
            /** Default */
            default: string | number | boolean | null;
            /** Description */
            description: string;
            /** Name */
            name: string;
            /** Restart */
            restart: boolean;
            /**
             * Source
             * @enum {string}
             */
            source: "default" | "file" | "environment" | "flag";
            /** Value */
            value: string | number | boolean | null;
        };
        /**
         * SignIn
         * @description A name and a password.
         */
        SignIn: {
            /** Name */
            name: string;
            /** Password */
            password: string;
        };
        /**
         * SliderOut
         * @description A threshold that can be moved without measuring again; `value` None while it is off.
         */
        SliderOut: {
            /**
             * Bound
             * @enum {string}
             */
            bound: "minimum" | "maximum";
            /** Counts */
            counts: number[];
            /** Edges */
            edges: number[];
            /** High */
            high: number;
            /** Label */
            label: string;
            /** Low */
            low: number;
            /** Option */
            option: string;
            /** Place */
            place: number;
            /** Statistic */
            statistic: string;
            /** Step */
            step: string;
            /** Value */
            value: number | null;
            /** Whole */
            whole: boolean;
        };
        /**
         * SourceAnswer
         * @description What became of each file.
         */
        SourceAnswer: {
            /** Errors */
            errors: components["schemas"]["UploadError"][];
            /** Sources */
            sources: components["schemas"]["SourceOut"][];
        };
        /**
         * SourceOut
         * @description A file of rows.
         */
        SourceOut: {
            /** Created */
            created: number;
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Origin
             * @description Address, query or model it came from; empty for an upload.
             * @default
             */
            origin: string;
            /**
             * Size
             * @description Bytes.
             */
            size: number;
        };
        /**
         * Status
         * @description What a client needs to know before anything else; open to everybody.
         */
        Status: {
            /** Chat Model */
            chat_model: string | null;
            disclaimer: components["schemas"]["DisclaimerOut"];
            /** Embedder */
            embedder: string | null;
            /**
             * Models Ready
             * @description Whether both default models are installed.
             */
            models_ready: boolean;
            /** Needs Setup */
            needs_setup: boolean;
            /** Signed In */
            signed_in: boolean;
            user: components["schemas"]["UserOut"] | null;
            /** Version */
            version: string;
        };
        /**
         * StepCountOut
         * @description What a step does to the sample.
         */
        StepCountOut: {
            /** Added */
            added: number;
            /** Changed */
            changed: number;
            /** Dropped */
            dropped: number;
            /** Name */
            name: string;
            /** Place */
            place: number;
            /** Reasons */
            reasons: {
                [key: string]: number;
            };
            /** Rows In */
            rows_in: number;
            /** Rows Out */
            rows_out: number;
            /** Title */
            title: string;
        };
        /**
         * StepOut
         * @description A step that a recipe may have. `options` is its JSON Schema.
         */
        StepOut: {
            /** Description */
            description: string;
            /**
             * File Options
             * @description Options that name uploaded files.
             */
            file_options: string[];
            /**
             * Model Options
             * @description Options that name a model whose tokens are counted.
             */
            model_options: string[];
            /** Name */
            name: string;
            /**
             * Note
             * @description What cannot be used here, and why.
             */
            note: string | null;
            /** Options */
            options: {
                [key: string]: unknown;
            };
            /**
             * Stage
             * @enum {string}
             */
            stage: "mix" | "clean" | "quality" | "convert" | "fit";
            /** Summary */
            summary: string;
            /** Title */
            title: string;
        };
        /**
         * StreamOptions
         * @description include_usage: a last chunk with the token counts.
         */
        StreamOptions: {
            /**
             * Include Obfuscation
             * @default false
             */
            include_obfuscation?: boolean;
            /**
             * Include Usage
             * @default false
             */
            include_usage?: boolean;
        };
        /**
         * SummaryOut
         * @description The counts of the last run. `edited`, `relevant`, `not_relevant`: rows corrected or labelled by hand since.
         */
        SummaryOut: {
            /** Balanced */
            balanced: boolean;
            /** Bytes */
            bytes: number;
            /** Edited */
            edited: number;
            /** Format */
            format: string;
            /** Not Relevant */
            not_relevant: number;
            /** Relevant */
            relevant: number;
            /** Rows Added */
            rows_added: number;
            /** Rows Dropped */
            rows_dropped: number;
            /** Rows In */
            rows_in: number;
            /** Rows Out */
            rows_out: number;
            /** Rows Quarantined */
            rows_quarantined: number;
            /** Seconds */
            seconds: number;
            /** Splits */
            splits: {
                [key: string]: number;
            };
        };
        /**
         * TaskOut
         * @description What a set teaches, with the steps to begin with.
         */
        TaskOut: {
            /** About */
            about: string;
            /** Format */
            format: string;
            /** Name */
            name: string;
            /** Needs */
            needs: string[];
            /** Steps */
            steps: (string | {
                [key: string]: unknown;
            })[];
            /** Title */
            title: string;
        };
        /**
         * TextChange
         * @description A new text; `place` counts the row's texts from 0.
         */
        TextChange: {
            /** Place */
            place: number;
            /** Text */
            text: string;
        };
        /**
         * TextChoice
         * @description One continued text.
         */
        TextChoice: {
            /** Finish Reason */
            finish_reason: ("stop" | "length") | null;
            /** Index */
            index: number;
            /** Logprobs */
            logprobs: null;
            /** Text */
            text: string;
        };
        /**
         * TextCompletion
         * @description The reply to a plain completion.
         */
        TextCompletion: {
            /** Choices */
            choices: components["schemas"]["TextChoice"][];
            /** Created */
            created: number;
            /** Id */
            id: string;
            /** Model */
            model: string;
            /**
             * Object
             * @default text_completion
             * @constant
             */
            object: "text_completion";
            usage: components["schemas"]["UsageOut"] | null;
        };
        /**
         * TextOut
         * @description A text of a row. `field` is system, context, user, assistant, tool, completion, chosen or rejected.
         */
        TextOut: {
            /** Field */
            field: string;
            /** Text */
            text: string;
        };
        /**
         * TextPart
         * @description A part of a message. Only text is understood; the others are refused by name.
         */
        TextPart: {
            /** Text */
            text?: string | null;
            /** Type */
            type: string;
        } & {
            [key: string]: unknown;
        };
        /**
         * ThresholdsIn
         * @description Thresholds of the last run that are to be other ones.
         */
        ThresholdsIn: {
            /** Moved */
            moved?: components["schemas"]["MovedIn"][];
        };
        /**
         * ThresholdsOut
         * @description The counts and every threshold that can be moved, with how all rows lie.
         */
        ThresholdsOut: {
            /**
             * Exact
             * @description Whether no later step compares rows, which might then choose others.
             */
            exact: boolean;
            /**
             * Rows Out
             * @description Rows that stay for sure.
             */
            rows_out: number;
            /** Sliders */
            sliders: components["schemas"]["SliderOut"][];
            /** Steps */
            steps: components["schemas"]["StepCountOut"][];
            /**
             * Unknown
             * @description Rows that an earlier step had dropped; whether later ones keep them is not known.
             */
            unknown: number;
        };
        /**
         * TokenOut
         * @description A token, and whether it is learned.
         */
        TokenOut: {
            /** Id */
            id: number;
            /** Learned */
            learned: boolean;
            /** Text */
            text: string;
        };
        /**
         * TokenPreviewRowOut
         * @description A row as it was read and as the model sees it. `length` in tokens.
         */
        TokenPreviewRowOut: {
            /** Length */
            length: number;
            /** Row */
            row: string;
            /** Tokens */
            tokens: components["schemas"]["TokenOut"][];
            /** Turns */
            turns: components["schemas"]["TurnOut"][];
        };
        /**
         * TokenRowOut
         * @description A row as tokens.
         */
        TokenRowOut: {
            /** Row */
            row: string;
            /** Tokens */
            tokens: components["schemas"]["TokenOut"][];
        };
        /**
         * TokensPreviewOut
         * @description The first rows of the data as they will be learned, and their lengths in tokens.
         */
        TokensPreviewOut: {
            /** Counts */
            counts: number[];
            /** Edges */
            edges: number[];
            /** Kept */
            kept: number;
            /** Learned Share */
            learned_share: number;
            /** Longest */
            longest: number;
            /** Max Length */
            max_length: number;
            /** Mean */
            mean: number;
            /** Read */
            read: number;
            /**
             * Refused
             * @description Rows that cannot be learned, by reason.
             */
            refused: {
                [key: string]: number;
            };
            /** Rows */
            rows: components["schemas"]["TokenPreviewRowOut"][];
            /** Too Long */
            too_long: number;
            /**
             * Whole
             * @description Whether these are all rows.
             */
            whole: boolean;
        };
        /**
         * TotalOut
         * @description A total of two runs.
         */
        TotalOut: {
            /** After */
            after: number;
            /** Before */
            before: number;
            /**
             * Name
             * @enum {string}
             */
            name: "rows_in" | "rows_out" | "rows_dropped" | "rows_quarantined";
        };
        /**
         * TrainingFormOut
         * @description What a new run can be made of: the JSON Schema of a config, bases, your files and data sets.
         */
        TrainingFormOut: {
            /** Bases */
            bases: string[];
            /**
             * Datasets
             * @description Names of prepared data sets; a config calls one dataset:NAME.
             */
            datasets: string[];
            /**
             * Files
             * @description Names of uploaded files; a config calls one file:NAME.
             */
            files: string[];
            /**
             * Form
             * @description JSON Schema of a config.
             */
            form: {
                [key: string]: unknown;
            };
            /**
             * Gpu
             * @description The GPU that would be used.
             */
            gpu: string | null;
            /**
             * Installed
             * @description Whether the extra that trains is installed here.
             */
            installed: boolean;
            /** Threads */
            threads: number;
        };
        /**
         * TurnOut
         * @description A message of a row.
         */
        TurnOut: {
            /** Content */
            content: string;
            /** Role */
            role: string;
        };
        /**
         * UploadAnswer
         * @description What became of each file.
         */
        UploadAnswer: {
            /** Documents */
            documents: components["schemas"]["Uploaded"][];
            /** Errors */
            errors: components["schemas"]["UploadError"][];
        };
        /**
         * UploadError
         * @description A file that was not taken in.
         */
        UploadError: {
            /** Hint */
            hint: string | null;
            /** Message */
            message: string;
            /** Name */
            name: string;
        };
        /**
         * Uploaded
         * @description A file that was taken in. `job_id` is None when its bytes were here already.
         */
        Uploaded: {
            document: components["schemas"]["DocumentOut"];
            /** Job Id */
            job_id: string | null;
        };
        /**
         * UsageOut
         * @description Token counts.
         */
        UsageOut: {
            /** Completion Tokens */
            completion_tokens: number;
            /** Prompt Tokens */
            prompt_tokens: number;
            /** Total Tokens */
            total_tokens: number;
        };
        /**
         * UserChange
         * @description What to change; what is left out stays.
         */
        UserChange: {
            /** Disabled */
            disabled?: boolean | null;
            /** Password */
            password?: string | null;
            /** Role */
            role?: ("admin" | "user") | null;
        };
        /**
         * UserOut
         * @description A person who may sign in.
         */
        UserOut: {
            /** Created */
            created: number;
            /** Disabled */
            disabled: boolean;
            /** Disclaimer Accepted */
            disclaimer_accepted: boolean;
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Role
             * @enum {string}
             */
            role: "admin" | "user";
        };
        /**
         * YamlOut
         * @description A recipe as a file.
         */
        YamlOut: {
            /** Yaml */
            yaml: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listCollections: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CollectionOut"][];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    createCollection: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CollectionName"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CollectionOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getCollection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                collection_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CollectionOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    deleteCollection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                collection_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    renameCollection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                collection_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CollectionName"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CollectionOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    listDocuments: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                collection_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DocumentOut"][];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    uploadDocuments: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                collection_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    file: string[];
                };
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadAnswer"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    listConversations: {
        parameters: {
            query?: {
                query?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationOut"][];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    createConversation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewConversation"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getConversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationDetail"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    deleteConversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    changeConversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConversationChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    ask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Question"];
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Asked"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getDataCatalogue: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CatalogueOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    fetchSource: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FetchIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobStarted"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    generateSource: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GenerateIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobStarted"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    listSources: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourceOut"][];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    uploadSources: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    file: string[];
                };
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourceAnswer"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    deleteSource: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    lookAtSource: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LookIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LookOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    listDatasets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DatasetOut"][];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    createDataset: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DatasetIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DatasetOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getDataset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                dataset_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DatasetOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    deleteDataset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                dataset_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    changeDataset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                dataset_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DatasetChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DatasetOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    compareDatasets: {
        parameters: {
            query?: {
                before?: string | null;
            };
            header?: never;
            path: {
                dataset_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ComparedOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    countDataset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                dataset_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RecipeIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CountsOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    listDropped: {
        parameters: {
            query?: {
                place?: number | null;
                reason?: string | null;
                offset?: number;
                limit?: number;
            };
            header?: never;
            path: {
                dataset_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DroppedOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    exportDataset: {
        parameters: {
            query?: {
                format?: string;
                type?: "jsonl" | "json" | "csv" | "tsv" | "parquet" | "txt";
                split?: string;
            };
            header?: never;
            path: {
                dataset_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    downloadDatasetFile: {
        parameters: {
            query?: {
                name?: string;
            };
            header?: never;
            path: {
                dataset_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    listDatasetFiles: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                dataset_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FilesOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    prepareDataset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                dataset_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobStarted"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    previewDataset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                dataset_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PreviewIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PreviewOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getRecipe: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                dataset_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["YamlOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    takeRecipe: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                dataset_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RecipeText"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DatasetOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getDatasetReport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                dataset_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    listRows: {
        parameters: {
            query?: {
                split?: string;
                offset?: number;
                limit?: number;
                query?: string;
                only?: "all" | "relevant" | "not_relevant" | "unlabelled" | "edited";
            };
            header?: never;
            path: {
                dataset_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RowsOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getRow: {
        parameters: {
            query?: {
                split?: string;
            };
            header?: never;
            path: {
                dataset_id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RowOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    changeRow: {
        parameters: {
            query?: {
                split?: string;
            };
            header?: never;
            path: {
                dataset_id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RowChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RowOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getThresholds: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                dataset_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ThresholdsOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    countThresholds: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                dataset_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ThresholdsIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AllCountsOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    acceptDisclaimer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getDocument: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                document_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DocumentOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    deleteDocument: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                document_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    downloadDocument: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                document_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bytes as they were uploaded. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    listPages: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                document_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageListing"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getPage: {
        parameters: {
            query?: {
                /** @description The version a citation names; the searchable one when left out. */
                version?: string | null;
            };
            header?: never;
            path: {
                document_id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getBoxes: {
        parameters: {
            query: {
                start: number;
                end: number;
                /** @description The version a citation names; the searchable one when left out. */
                version?: string | null;
            };
            header?: never;
            path: {
                document_id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Boxes"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getPagePicture: {
        parameters: {
            query?: {
                width?: number;
                /** @description The version a citation names; the searchable one when left out. */
                version?: string | null;
            };
            header?: never;
            path: {
                document_id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page as a picture. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/png": string;
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    retryDocument: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                document_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobStarted"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    followEvents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events: job (JobOut), document (DocumentOut). Without Last-Event-ID, or when what came after it is gone, the stream begins with the current state of the newest jobs and their documents. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    listJobs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobOut"][];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    listKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyOut"][];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewKey"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyMade"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    revokeKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    rateMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                message_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Rating"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    followAnswer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                message_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events with ids from 1: status {"status"}, hits {"hits": [HitOut]}, text {"text"}, and at the end done MessageOut or error {"error": ErrorBody}. Last-Event-ID resumes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    regenerate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                message_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["AnswerOptions"] | null;
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Regenerated"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    stopAnswer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                message_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    listModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelOut"][];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    removeModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    makeDefaultModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    pullModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PullRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobStarted"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    unloadModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPassword"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    listRuns: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunOut"][];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    createRuns: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfigIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunOut"][];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunDetail"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    deleteRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getRunConfig: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    exportRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExportIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobStarted"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    downloadRun: {
        parameters: {
            query?: {
                form?: "adapter" | "adapter_gguf" | "merged" | "gguf";
            };
            header?: never;
            path: {
                run_name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getRunLog: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getRunMetrics: {
        parameters: {
            query?: {
                since?: number;
            };
            header?: never;
            path: {
                run_name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MetricsOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    pauseRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getRunResources: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResourcesOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    resumeRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getRunSamples: {
        parameters: {
            query?: {
                step?: number | null;
            };
            header?: never;
            path: {
                run_name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SamplesOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    saveRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    serveRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobStarted"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    stopRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getRunTokens: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenRowOut"][];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    search: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SearchRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchAnswer"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    listSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingOut"][];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    setUp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetUp"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    checkTraining: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfigIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    compareRuns: {
        parameters: {
            query: {
                runs: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CompareOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getTrainingForm: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrainingFormOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    planTraining: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfigIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    previewTraining: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfigIn"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokensPreviewOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    listUsers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserOut"][];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    createUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUser"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    deleteUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    changeUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserOut"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    createChatCompletion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChatRequest"];
            };
        };
        responses: {
            /** @description The reply; with `stream`, events of chunks and a last [DONE]. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChatCompletion"];
                    "text/event-stream": string;
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    createCompletion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CompletionRequest"];
            };
        };
        responses: {
            /** @description The reply; with `stream`, events of chunks and a last [DONE]. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TextCompletion"];
                    "text/event-stream": string;
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    createEmbedding: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmbeddingRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmbeddingList"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    listServedModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelList"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
    getServedModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelCard"];
                };
            };
            /** @description Every error has this shape; its status says which kind. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorOut"];
                };
            };
        };
    };
}
