import type { ModelDescriptions } from '../descriptions.ts';

const rawSelector = 'The selector as text, instead of terms. Not checked.';
const asked = 'What is asked.';
const answer = 'The answer, from the server.';

/** Questions about identity and access. */
export const reviews: ModelDescriptions = {
  'authentication.v1.TokenRequest': { '': 'Asks for a token of a service account.', spec: asked, status: answer },
  'authentication.v1.TokenRequestSpec': {
    '': 'What a token should be.',
    audiences: 'Whom it is for; nobody else may accept it.',
    boundObjectRef: 'The object it lives and dies with.',
    expirationSeconds: 'Seconds for which it should be valid, at least 600. The server may choose otherwise.',
  },
  'authentication.v1.TokenRequestStatus': { '': 'A token.', expirationTimestamp: 'When it ends.', token: 'The token, a JWT.' },
  'authentication.v1.BoundObjectReference': {
    '': 'The object a token is bound to.', apiVersion: 'Its group and version.', kind: 'Its kind: Pod, Node or Secret.', name: 'Its name.', uid: 'Its identity.',
  },
  'authentication.v1.TokenReview': { '': 'Asks whose a token is.', spec: asked, status: answer },
  'authentication.v1.TokenReviewSpec': {
    '': 'A token to be checked.', audiences: 'For whom it should be valid; default the apiserver.', token: 'The token.',
  },
  'authentication.v1.TokenReviewStatus': {
    '': 'Whose a token is.',
    audiences: 'Those of the asked audiences for whom it is valid.',
    authenticated: 'Whether it is valid.',
    error: 'Why it could not be checked.',
    user: 'Whose it is.',
  },
  'authentication.v1.UserInfo': {
    '': 'A user.', extra: 'Further facts.', groups: 'Groups the user is in.', uid: 'Identity in time.', username: 'Name, unique among all users.',
  },
  'authentication.v1.SelfSubjectReview': { '': 'Asks who the asker is.', status: answer },
  'authentication.v1.SelfSubjectReviewStatus': { '': 'Who the asker is.', userInfo: 'The user.' },
  'authorization.v1.SubjectAccessReview': { '': 'Asks whether a user may do something.', spec: asked, status: answer },
  'authorization.v1.LocalSubjectAccessReview': { '': 'Asks whether a user may do something in one namespace.', spec: asked, status: answer },
  'authorization.v1.SelfSubjectAccessReview': { '': 'Asks whether the asker may do something.', spec: asked, status: answer },
  'authorization.v1.SubjectAccessReviewSpec': {
    '': 'A user and what they want: exactly one of the attributes.',
    extra: 'Further facts about the user.',
    groups: 'Groups of the user.',
    nonResourceAttributes: 'A request for a path.',
    resourceAttributes: 'A request for a resource.',
    uid: 'Identity of the user.',
    user: 'Name of the user.',
  },
  'authorization.v1.SelfSubjectAccessReviewSpec': {
    '': 'What the asker wants: exactly one of these.', nonResourceAttributes: 'A request for a path.', resourceAttributes: 'A request for a resource.',
  },
  'authorization.v1.SubjectAccessReviewStatus': {
    '': 'Whether it is allowed.',
    allowed: 'Whether it is allowed.',
    denied: 'Whether it is forbidden whatever others say.',
    evaluationError: 'What went wrong; the answer may stand nonetheless.',
    reason: 'Why.',
  },
  'authorization.v1.ResourceAttributes': {
    '': 'A request for a resource.',
    fieldSelector: 'Fields that the request is limited to.',
    group: 'Group; `*` for all.',
    labelSelector: 'Labels that the request is limited to.',
    name: 'Name; empty for all.',
    namespace: 'Namespace; empty for all, or for what is in none.',
    resource: 'Resource; `*` for all.',
    subresource: 'Subresource; empty for none.',
    verb: 'Verb, such as get or create; `*` for all.',
    version: 'Version; `*` for all.',
  },
  'authorization.v1.NonResourceAttributes': { '': 'A request for a path.', path: 'The path.', verb: 'The method, in lower case.' },
  'authorization.v1.FieldSelectorAttributes': { '': 'Fields that a request is limited to.', rawSelector, requirements: 'The terms, all of which hold.' },
  'authorization.v1.LabelSelectorAttributes': { '': 'Labels that a request is limited to.', rawSelector, requirements: 'The terms, all of which hold.' },
  'authorization.v1.SelfSubjectRulesReview': { '': 'Asks what the asker may do in a namespace.', spec: asked, status: answer },
  'authorization.v1.SelfSubjectRulesReviewSpec': { '': 'Where.', namespace: 'The namespace.' },
  'authorization.v1.SubjectRulesReviewStatus': {
    '': 'What the asker may do, in no order.',
    evaluationError: 'What went wrong.',
    incomplete: 'Whether there may be more than is listed.',
    nonResourceRules: 'Paths.',
    resourceRules: 'Resources.',
  },
  'authorization.v1.ResourceRule': {
    '': 'Verbs that are allowed on resources.',
    apiGroups: 'The groups; `*` for all.',
    resourceNames: 'The names; empty for all.',
    resources: 'The resources; `*` for all.',
    verbs: 'The verbs; `*` for all.',
  },
  'authorization.v1.NonResourceRule': { '': 'Methods that are allowed on paths.', nonResourceURLs: 'The paths; `*` at the end for all below.', verbs: 'The methods; `*` for all.' },
};
