"use strict";
export const validateProject = validate20;
const schema31 = {"$schema":"https://json-schema.org/draft/2020-12/schema","title":"mlgitops.yaml","description":"How an application path is rendered, where the conventions do not fit.","type":"object","additionalProperties":false,"required":["apiVersion","kind"],"properties":{"apiVersion":{"const":"mlgitops.io/v1alpha1"},"kind":{"const":"Project"},"templates":{"description":"Which files are templates. Patterns are relative to the application path: * within a name, ** across folders.","type":"object","additionalProperties":false,"properties":{"include":{"$ref":"#/$defs/names","description":"Files to render (default: *.yaml and *.yml)."},"exclude":{"$ref":"#/$defs/names","description":"Files to leave out."},"verbatim":{"$ref":"#/$defs/names","description":"Files whose {{ }} and ${ } belong to another tool: read, stamped, not rendered."}}},"values":{"$ref":"#/$defs/names","description":"More value files, relative to the application path, after values.yaml and before configs/."},"environments":{"description":"Environments by name; those with a file in configs/ need no entry.","type":"object","propertyNames":{"pattern":"^[A-Za-z0-9][A-Za-z0-9._-]*$"},"additionalProperties":{"type":["object","null"],"additionalProperties":false,"properties":{"values":{"$ref":"#/$defs/names","description":"Value files of this environment, after configs/<environment>.yaml."},"patches":{"$ref":"#/$defs/patches","description":"Patches of this environment, after the common ones."}}}},"patches":{"$ref":"#/$defs/patches","description":"Patches for every environment, in order."},"evidence":{"type":"object","additionalProperties":false,"properties":{"biasAudit":{"type":"string","description":"The bias audit's file, relative to the application path (default: bias_audit.md, .yaml or .json)."}}},"stamp":{"type":"object","additionalProperties":false,"properties":{"podTemplates":{"type":"boolean","description":"Stamp pod templates too: every commit then restarts every pod (default: false)."}}}},"$defs":{"names":{"type":"array","items":{"type":"string","pattern":"."}},"patches":{"type":"array","items":{"type":"object","additionalProperties":false,"required":["target"],"properties":{"target":{"description":"The objects to patch: every field given must match.","type":"object","additionalProperties":false,"properties":{"group":{"type":"string"},"version":{"type":"string"},"kind":{"type":"string"},"name":{"type":"string"},"namespace":{"type":"string"},"labels":{"type":"object","additionalProperties":{"type":"string"}},"annotations":{"type":"object","additionalProperties":{"type":"string"}}}},"json":{"description":"JSON Patch (RFC 6902).","type":"array","items":{"type":"object","required":["op","path"],"additionalProperties":false,"properties":{"op":{"enum":["add","remove","replace","move","copy","test"]},"path":{"type":"string"},"from":{"type":"string"},"value":{}}}},"merge":{"description":"JSON Merge Patch (RFC 7386).","type":"object"},"strategic":{"description":"Strategic merge patch: lists of a pod spec merge by their key.","type":"object"}}}}}};
const schema32 = {"type":"array","items":{"type":"string","pattern":"."}};
const schema37 = {"type":"array","items":{"type":"object","additionalProperties":false,"required":["target"],"properties":{"target":{"description":"The objects to patch: every field given must match.","type":"object","additionalProperties":false,"properties":{"group":{"type":"string"},"version":{"type":"string"},"kind":{"type":"string"},"name":{"type":"string"},"namespace":{"type":"string"},"labels":{"type":"object","additionalProperties":{"type":"string"}},"annotations":{"type":"object","additionalProperties":{"type":"string"}}}},"json":{"description":"JSON Patch (RFC 6902).","type":"array","items":{"type":"object","required":["op","path"],"additionalProperties":false,"properties":{"op":{"enum":["add","remove","replace","move","copy","test"]},"path":{"type":"string"},"from":{"type":"string"},"value":{}}}},"merge":{"description":"JSON Merge Patch (RFC 7386).","type":"object"},"strategic":{"description":"Strategic merge patch: lists of a pod spec merge by their key.","type":"object"}}}};
const pattern4 = new RegExp(".", "u");
const pattern8 = new RegExp("^[A-Za-z0-9][A-Za-z0-9._-]*$", "u");

function validate20(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate20.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.apiVersion === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "apiVersion"},message:"must have required property '"+"apiVersion"+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.kind === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "kind"},message:"must have required property '"+"kind"+"'"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
for(const key0 in data){
if(!((((((((key0 === "apiVersion") || (key0 === "kind")) || (key0 === "templates")) || (key0 === "values")) || (key0 === "environments")) || (key0 === "patches")) || (key0 === "evidence")) || (key0 === "stamp"))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.apiVersion !== undefined){
if("mlgitops.io/v1alpha1" !== data.apiVersion){
const err3 = {instancePath:instancePath+"/apiVersion",schemaPath:"#/properties/apiVersion/const",keyword:"const",params:{allowedValue: "mlgitops.io/v1alpha1"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.kind !== undefined){
if("Project" !== data.kind){
const err4 = {instancePath:instancePath+"/kind",schemaPath:"#/properties/kind/const",keyword:"const",params:{allowedValue: "Project"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.templates !== undefined){
let data2 = data.templates;
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
for(const key1 in data2){
if(!(((key1 === "include") || (key1 === "exclude")) || (key1 === "verbatim"))){
const err5 = {instancePath:instancePath+"/templates",schemaPath:"#/properties/templates/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data2.include !== undefined){
let data3 = data2.include;
if(Array.isArray(data3)){
const len0 = data3.length;
for(let i0=0; i0<len0; i0++){
let data4 = data3[i0];
if(typeof data4 === "string"){
if(!pattern4.test(data4)){
const err6 = {instancePath:instancePath+"/templates/include/" + i0,schemaPath:"#/$defs/names/items/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\""};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
else {
const err7 = {instancePath:instancePath+"/templates/include/" + i0,schemaPath:"#/$defs/names/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
}
else {
const err8 = {instancePath:instancePath+"/templates/include",schemaPath:"#/$defs/names/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data2.exclude !== undefined){
let data5 = data2.exclude;
if(Array.isArray(data5)){
const len1 = data5.length;
for(let i1=0; i1<len1; i1++){
let data6 = data5[i1];
if(typeof data6 === "string"){
if(!pattern4.test(data6)){
const err9 = {instancePath:instancePath+"/templates/exclude/" + i1,schemaPath:"#/$defs/names/items/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\""};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
else {
const err10 = {instancePath:instancePath+"/templates/exclude/" + i1,schemaPath:"#/$defs/names/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
}
else {
const err11 = {instancePath:instancePath+"/templates/exclude",schemaPath:"#/$defs/names/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data2.verbatim !== undefined){
let data7 = data2.verbatim;
if(Array.isArray(data7)){
const len2 = data7.length;
for(let i2=0; i2<len2; i2++){
let data8 = data7[i2];
if(typeof data8 === "string"){
if(!pattern4.test(data8)){
const err12 = {instancePath:instancePath+"/templates/verbatim/" + i2,schemaPath:"#/$defs/names/items/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\""};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
else {
const err13 = {instancePath:instancePath+"/templates/verbatim/" + i2,schemaPath:"#/$defs/names/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
}
else {
const err14 = {instancePath:instancePath+"/templates/verbatim",schemaPath:"#/$defs/names/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
else {
const err15 = {instancePath:instancePath+"/templates",schemaPath:"#/properties/templates/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data.values !== undefined){
let data9 = data.values;
if(Array.isArray(data9)){
const len3 = data9.length;
for(let i3=0; i3<len3; i3++){
let data10 = data9[i3];
if(typeof data10 === "string"){
if(!pattern4.test(data10)){
const err16 = {instancePath:instancePath+"/values/" + i3,schemaPath:"#/$defs/names/items/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\""};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
else {
const err17 = {instancePath:instancePath+"/values/" + i3,schemaPath:"#/$defs/names/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
}
else {
const err18 = {instancePath:instancePath+"/values",schemaPath:"#/$defs/names/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
if(data.environments !== undefined){
let data11 = data.environments;
if(data11 && typeof data11 == "object" && !Array.isArray(data11)){
for(const key2 in data11){
const _errs29 = errors;
if(typeof key2 === "string"){
if(!pattern8.test(key2)){
const err19 = {instancePath:instancePath+"/environments",schemaPath:"#/properties/environments/propertyNames/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9._-]*$"+"\"",propertyName:key2};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
var valid14 = _errs29 === errors;
if(!valid14){
const err20 = {instancePath:instancePath+"/environments",schemaPath:"#/properties/environments/propertyNames",keyword:"propertyNames",params:{propertyName: key2},message:"property name must be valid"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
for(const key3 in data11){
let data12 = data11[key3];
if((!(data12 && typeof data12 == "object" && !Array.isArray(data12))) && (data12 !== null)){
const err21 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/environments/additionalProperties/type",keyword:"type",params:{type: schema31.properties.environments.additionalProperties.type},message:"must be object,null"};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
for(const key4 in data12){
if(!((key4 === "values") || (key4 === "patches"))){
const err22 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/environments/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
if(data12.values !== undefined){
let data13 = data12.values;
if(Array.isArray(data13)){
const len4 = data13.length;
for(let i4=0; i4<len4; i4++){
let data14 = data13[i4];
if(typeof data14 === "string"){
if(!pattern4.test(data14)){
const err23 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/values/" + i4,schemaPath:"#/$defs/names/items/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\""};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
else {
const err24 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/values/" + i4,schemaPath:"#/$defs/names/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
}
else {
const err25 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/values",schemaPath:"#/$defs/names/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
if(data12.patches !== undefined){
let data15 = data12.patches;
if(Array.isArray(data15)){
const len5 = data15.length;
for(let i5=0; i5<len5; i5++){
let data16 = data15[i5];
if(data16 && typeof data16 == "object" && !Array.isArray(data16)){
if(data16.target === undefined){
const err26 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5,schemaPath:"#/$defs/patches/items/required",keyword:"required",params:{missingProperty: "target"},message:"must have required property '"+"target"+"'"};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
for(const key5 in data16){
if(!((((key5 === "target") || (key5 === "json")) || (key5 === "merge")) || (key5 === "strategic"))){
const err27 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5,schemaPath:"#/$defs/patches/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
if(data16.target !== undefined){
let data17 = data16.target;
if(data17 && typeof data17 == "object" && !Array.isArray(data17)){
for(const key6 in data17){
if(!(((((((key6 === "group") || (key6 === "version")) || (key6 === "kind")) || (key6 === "name")) || (key6 === "namespace")) || (key6 === "labels")) || (key6 === "annotations"))){
const err28 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/target",schemaPath:"#/$defs/patches/items/properties/target/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
if(data17.group !== undefined){
if(typeof data17.group !== "string"){
const err29 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/target/group",schemaPath:"#/$defs/patches/items/properties/target/properties/group/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
if(data17.version !== undefined){
if(typeof data17.version !== "string"){
const err30 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/target/version",schemaPath:"#/$defs/patches/items/properties/target/properties/version/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
if(data17.kind !== undefined){
if(typeof data17.kind !== "string"){
const err31 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/target/kind",schemaPath:"#/$defs/patches/items/properties/target/properties/kind/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data17.name !== undefined){
if(typeof data17.name !== "string"){
const err32 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/target/name",schemaPath:"#/$defs/patches/items/properties/target/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
if(data17.namespace !== undefined){
if(typeof data17.namespace !== "string"){
const err33 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/target/namespace",schemaPath:"#/$defs/patches/items/properties/target/properties/namespace/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
if(data17.labels !== undefined){
let data23 = data17.labels;
if(data23 && typeof data23 == "object" && !Array.isArray(data23)){
for(const key7 in data23){
if(typeof data23[key7] !== "string"){
const err34 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/target/labels/" + key7.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/patches/items/properties/target/properties/labels/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
}
else {
const err35 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/target/labels",schemaPath:"#/$defs/patches/items/properties/target/properties/labels/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
if(data17.annotations !== undefined){
let data25 = data17.annotations;
if(data25 && typeof data25 == "object" && !Array.isArray(data25)){
for(const key8 in data25){
if(typeof data25[key8] !== "string"){
const err36 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/target/annotations/" + key8.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/patches/items/properties/target/properties/annotations/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
}
else {
const err37 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/target/annotations",schemaPath:"#/$defs/patches/items/properties/target/properties/annotations/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
}
else {
const err38 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/target",schemaPath:"#/$defs/patches/items/properties/target/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
if(data16.json !== undefined){
let data27 = data16.json;
if(Array.isArray(data27)){
const len6 = data27.length;
for(let i6=0; i6<len6; i6++){
let data28 = data27[i6];
if(data28 && typeof data28 == "object" && !Array.isArray(data28)){
if(data28.op === undefined){
const err39 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/json/" + i6,schemaPath:"#/$defs/patches/items/properties/json/items/required",keyword:"required",params:{missingProperty: "op"},message:"must have required property '"+"op"+"'"};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
if(data28.path === undefined){
const err40 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/json/" + i6,schemaPath:"#/$defs/patches/items/properties/json/items/required",keyword:"required",params:{missingProperty: "path"},message:"must have required property '"+"path"+"'"};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
for(const key9 in data28){
if(!((((key9 === "op") || (key9 === "path")) || (key9 === "from")) || (key9 === "value"))){
const err41 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/json/" + i6,schemaPath:"#/$defs/patches/items/properties/json/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key9},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
if(data28.op !== undefined){
let data29 = data28.op;
if(!((((((data29 === "add") || (data29 === "remove")) || (data29 === "replace")) || (data29 === "move")) || (data29 === "copy")) || (data29 === "test"))){
const err42 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/json/" + i6+"/op",schemaPath:"#/$defs/patches/items/properties/json/items/properties/op/enum",keyword:"enum",params:{allowedValues: schema37.items.properties.json.items.properties.op.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
if(data28.path !== undefined){
if(typeof data28.path !== "string"){
const err43 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/json/" + i6+"/path",schemaPath:"#/$defs/patches/items/properties/json/items/properties/path/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
}
if(data28.from !== undefined){
if(typeof data28.from !== "string"){
const err44 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/json/" + i6+"/from",schemaPath:"#/$defs/patches/items/properties/json/items/properties/from/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
}
}
else {
const err45 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/json/" + i6,schemaPath:"#/$defs/patches/items/properties/json/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
}
else {
const err46 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/json",schemaPath:"#/$defs/patches/items/properties/json/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
if(data16.merge !== undefined){
let data32 = data16.merge;
if(!(data32 && typeof data32 == "object" && !Array.isArray(data32))){
const err47 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/merge",schemaPath:"#/$defs/patches/items/properties/merge/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data16.strategic !== undefined){
let data33 = data16.strategic;
if(!(data33 && typeof data33 == "object" && !Array.isArray(data33))){
const err48 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5+"/strategic",schemaPath:"#/$defs/patches/items/properties/strategic/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
}
else {
const err49 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches/" + i5,schemaPath:"#/$defs/patches/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
}
else {
const err50 = {instancePath:instancePath+"/environments/" + key3.replace(/~/g, "~0").replace(/\//g, "~1")+"/patches",schemaPath:"#/$defs/patches/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
}
}
}
else {
const err51 = {instancePath:instancePath+"/environments",schemaPath:"#/properties/environments/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
}
if(data.patches !== undefined){
let data34 = data.patches;
if(Array.isArray(data34)){
const len7 = data34.length;
for(let i7=0; i7<len7; i7++){
let data35 = data34[i7];
if(data35 && typeof data35 == "object" && !Array.isArray(data35)){
if(data35.target === undefined){
const err52 = {instancePath:instancePath+"/patches/" + i7,schemaPath:"#/$defs/patches/items/required",keyword:"required",params:{missingProperty: "target"},message:"must have required property '"+"target"+"'"};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
for(const key10 in data35){
if(!((((key10 === "target") || (key10 === "json")) || (key10 === "merge")) || (key10 === "strategic"))){
const err53 = {instancePath:instancePath+"/patches/" + i7,schemaPath:"#/$defs/patches/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key10},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
if(data35.target !== undefined){
let data36 = data35.target;
if(data36 && typeof data36 == "object" && !Array.isArray(data36)){
for(const key11 in data36){
if(!(((((((key11 === "group") || (key11 === "version")) || (key11 === "kind")) || (key11 === "name")) || (key11 === "namespace")) || (key11 === "labels")) || (key11 === "annotations"))){
const err54 = {instancePath:instancePath+"/patches/" + i7+"/target",schemaPath:"#/$defs/patches/items/properties/target/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key11},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
if(data36.group !== undefined){
if(typeof data36.group !== "string"){
const err55 = {instancePath:instancePath+"/patches/" + i7+"/target/group",schemaPath:"#/$defs/patches/items/properties/target/properties/group/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
}
if(data36.version !== undefined){
if(typeof data36.version !== "string"){
const err56 = {instancePath:instancePath+"/patches/" + i7+"/target/version",schemaPath:"#/$defs/patches/items/properties/target/properties/version/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
}
if(data36.kind !== undefined){
if(typeof data36.kind !== "string"){
const err57 = {instancePath:instancePath+"/patches/" + i7+"/target/kind",schemaPath:"#/$defs/patches/items/properties/target/properties/kind/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
if(data36.name !== undefined){
if(typeof data36.name !== "string"){
const err58 = {instancePath:instancePath+"/patches/" + i7+"/target/name",schemaPath:"#/$defs/patches/items/properties/target/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
if(data36.namespace !== undefined){
if(typeof data36.namespace !== "string"){
const err59 = {instancePath:instancePath+"/patches/" + i7+"/target/namespace",schemaPath:"#/$defs/patches/items/properties/target/properties/namespace/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
if(data36.labels !== undefined){
let data42 = data36.labels;
if(data42 && typeof data42 == "object" && !Array.isArray(data42)){
for(const key12 in data42){
if(typeof data42[key12] !== "string"){
const err60 = {instancePath:instancePath+"/patches/" + i7+"/target/labels/" + key12.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/patches/items/properties/target/properties/labels/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
}
else {
const err61 = {instancePath:instancePath+"/patches/" + i7+"/target/labels",schemaPath:"#/$defs/patches/items/properties/target/properties/labels/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
if(data36.annotations !== undefined){
let data44 = data36.annotations;
if(data44 && typeof data44 == "object" && !Array.isArray(data44)){
for(const key13 in data44){
if(typeof data44[key13] !== "string"){
const err62 = {instancePath:instancePath+"/patches/" + i7+"/target/annotations/" + key13.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/patches/items/properties/target/properties/annotations/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
}
}
else {
const err63 = {instancePath:instancePath+"/patches/" + i7+"/target/annotations",schemaPath:"#/$defs/patches/items/properties/target/properties/annotations/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
}
}
else {
const err64 = {instancePath:instancePath+"/patches/" + i7+"/target",schemaPath:"#/$defs/patches/items/properties/target/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
}
if(data35.json !== undefined){
let data46 = data35.json;
if(Array.isArray(data46)){
const len8 = data46.length;
for(let i8=0; i8<len8; i8++){
let data47 = data46[i8];
if(data47 && typeof data47 == "object" && !Array.isArray(data47)){
if(data47.op === undefined){
const err65 = {instancePath:instancePath+"/patches/" + i7+"/json/" + i8,schemaPath:"#/$defs/patches/items/properties/json/items/required",keyword:"required",params:{missingProperty: "op"},message:"must have required property '"+"op"+"'"};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
if(data47.path === undefined){
const err66 = {instancePath:instancePath+"/patches/" + i7+"/json/" + i8,schemaPath:"#/$defs/patches/items/properties/json/items/required",keyword:"required",params:{missingProperty: "path"},message:"must have required property '"+"path"+"'"};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
for(const key14 in data47){
if(!((((key14 === "op") || (key14 === "path")) || (key14 === "from")) || (key14 === "value"))){
const err67 = {instancePath:instancePath+"/patches/" + i7+"/json/" + i8,schemaPath:"#/$defs/patches/items/properties/json/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key14},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
}
if(data47.op !== undefined){
let data48 = data47.op;
if(!((((((data48 === "add") || (data48 === "remove")) || (data48 === "replace")) || (data48 === "move")) || (data48 === "copy")) || (data48 === "test"))){
const err68 = {instancePath:instancePath+"/patches/" + i7+"/json/" + i8+"/op",schemaPath:"#/$defs/patches/items/properties/json/items/properties/op/enum",keyword:"enum",params:{allowedValues: schema37.items.properties.json.items.properties.op.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
}
if(data47.path !== undefined){
if(typeof data47.path !== "string"){
const err69 = {instancePath:instancePath+"/patches/" + i7+"/json/" + i8+"/path",schemaPath:"#/$defs/patches/items/properties/json/items/properties/path/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
}
if(data47.from !== undefined){
if(typeof data47.from !== "string"){
const err70 = {instancePath:instancePath+"/patches/" + i7+"/json/" + i8+"/from",schemaPath:"#/$defs/patches/items/properties/json/items/properties/from/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
}
}
else {
const err71 = {instancePath:instancePath+"/patches/" + i7+"/json/" + i8,schemaPath:"#/$defs/patches/items/properties/json/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
}
else {
const err72 = {instancePath:instancePath+"/patches/" + i7+"/json",schemaPath:"#/$defs/patches/items/properties/json/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
}
if(data35.merge !== undefined){
let data51 = data35.merge;
if(!(data51 && typeof data51 == "object" && !Array.isArray(data51))){
const err73 = {instancePath:instancePath+"/patches/" + i7+"/merge",schemaPath:"#/$defs/patches/items/properties/merge/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
}
if(data35.strategic !== undefined){
let data52 = data35.strategic;
if(!(data52 && typeof data52 == "object" && !Array.isArray(data52))){
const err74 = {instancePath:instancePath+"/patches/" + i7+"/strategic",schemaPath:"#/$defs/patches/items/properties/strategic/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err74];
}
else {
vErrors.push(err74);
}
errors++;
}
}
}
else {
const err75 = {instancePath:instancePath+"/patches/" + i7,schemaPath:"#/$defs/patches/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err75];
}
else {
vErrors.push(err75);
}
errors++;
}
}
}
else {
const err76 = {instancePath:instancePath+"/patches",schemaPath:"#/$defs/patches/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
}
errors++;
}
}
if(data.evidence !== undefined){
let data53 = data.evidence;
if(data53 && typeof data53 == "object" && !Array.isArray(data53)){
for(const key15 in data53){
if(!(key15 === "biasAudit")){
const err77 = {instancePath:instancePath+"/evidence",schemaPath:"#/properties/evidence/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key15},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
}
if(data53.biasAudit !== undefined){
if(typeof data53.biasAudit !== "string"){
const err78 = {instancePath:instancePath+"/evidence/biasAudit",schemaPath:"#/properties/evidence/properties/biasAudit/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err78];
}
else {
vErrors.push(err78);
}
errors++;
}
}
}
else {
const err79 = {instancePath:instancePath+"/evidence",schemaPath:"#/properties/evidence/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
}
}
if(data.stamp !== undefined){
let data55 = data.stamp;
if(data55 && typeof data55 == "object" && !Array.isArray(data55)){
for(const key16 in data55){
if(!(key16 === "podTemplates")){
const err80 = {instancePath:instancePath+"/stamp",schemaPath:"#/properties/stamp/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key16},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
}
if(data55.podTemplates !== undefined){
if(typeof data55.podTemplates !== "boolean"){
const err81 = {instancePath:instancePath+"/stamp/podTemplates",schemaPath:"#/properties/stamp/properties/podTemplates/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
}
}
else {
const err82 = {instancePath:instancePath+"/stamp",schemaPath:"#/properties/stamp/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
}
}
else {
const err83 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
validate20.errors = vErrors;
return errors === 0;
}
validate20.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};
